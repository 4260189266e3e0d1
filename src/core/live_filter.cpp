#include "core/live_filter.hpp"

#include <algorithm>

namespace headwater {
namespace {

// Neither a type nor a filter holds a control character.
std::string make_key(bool has_default, const TypeFilter& named, const std::optional<std::string>& subject,
                     const std::optional<TypeFilter>& limit) {
    std::string key = limit ? "=" + limit->to_text() + "\n" : std::string();
    key += has_default ? "*\n" : "\n";
    key += named.to_text();
    if (subject) key += "\n" + *subject;
    return key;
}

}  // namespace

LiveFilter::LiveFilter(TypeFilter types, std::optional<std::string> subject)
    : LiveFilter(types.is_default(), types, std::move(subject), std::nullopt) {}

LiveFilter::LiveFilter(const LiveRequest& request)
    : LiveFilter(request.types.is_default(), request.types, request.subject, request.limit) {}

LiveFilter::LiveFilter(bool has_default, TypeFilter named, std::optional<std::string> subject,
                       std::optional<TypeFilter> limit)
    : has_default_(has_default),
      named_(std::move(named)),
      subject_(std::move(subject)),
      limit_(std::move(limit)),
      key_(make_key(has_default_, named_, subject_, limit_)) {
    if (!limit_) return;
    const bool has_both = has_default_ && !named_.is_default();
    readable_ = has_both ? *limit_ : TypeFilter::both(named_, *limit_);
}

// Beyond so many types a read of all rooms is cheaper to say, and the reader looks for itself.
LiveFilter LiveFilter::of_subjects(const std::vector<std::string>& types, std::vector<std::string> subjects) {
    const bool are_few = types.size() <= TypeFilter::kMaxFilters;
    auto named = TypeFilter::from_list(are_few ? types : std::vector<std::string>{"room:*"});
    LiveFilter filter(false, named ? std::move(*named) : TypeFilter(), std::nullopt, std::nullopt);
    std::ranges::sort(subjects);
    for (const std::string& subject : subjects) filter.key_ += "\n" + subject;
    filter.subjects_ = std::move(subjects);
    return filter;
}

bool LiveFilter::matches_type(std::string_view type) const {
    static const TypeFilter kDefault;
    if (limit_ && !limit_->matches(type)) return false;
    if (has_default_ && kDefault.matches(type)) return true;
    return !named_.is_default() && named_.matches(type);
}

bool LiveFilter::matches(const Event& event) const {
    if (subject_ && event.subject != subject_) return false;
    if (!subjects_.empty() && !(event.subject && std::ranges::binary_search(subjects_, *event.subject)))
        return false;
    return matches_type(event.type);
}

const TypeFilter* LiveFilter::log_types() const {
    if (readable_) return &*readable_;
    return has_default_ && !named_.is_default() ? nullptr : &named_;
}

std::expected<LiveFilter, std::string> LiveFilter::with(const std::vector<std::string>& filters) const {
    if (filters.empty()) return *this;
    std::vector<std::string> all = named_.filters();
    all.insert(all.end(), filters.begin(), filters.end());
    auto named = TypeFilter::from_list(all);
    if (!named) return std::unexpected(named.error());
    return LiveFilter(has_default_, std::move(*named), subject_, limit_);
}

std::expected<LiveFilter, std::string> LiveFilter::without(const std::vector<std::string>& filters) const {
    std::vector<std::string> left = named_.filters();
    for (const auto& filter : filters) {
        if (std::ranges::find(named_.filters(), filter) == named_.filters().end()) {
            return std::unexpected("There is no subscription to '" + filter + "'.");
        }
        std::erase(left, filter);
    }
    auto named = TypeFilter::from_list(left);
    if (!named) return std::unexpected(named.error());
    return LiveFilter(has_default_, std::move(*named), subject_, limit_);
}

}  // namespace headwater
