#include "core/live_filter.hpp"

#include <algorithm>

namespace headwater {
namespace {

// Neither a type nor a filter holds a control character.
std::string make_key(bool has_default, const TypeFilter& named, const std::optional<std::string>& subject) {
    std::string key = has_default ? "*\n" : "\n";
    key += named.to_text();
    if (subject) key += "\n" + *subject;
    return key;
}

}  // namespace

LiveFilter::LiveFilter(TypeFilter types, std::optional<std::string> subject)
    : LiveFilter(types.is_default(), types, std::move(subject)) {}

LiveFilter::LiveFilter(bool has_default, TypeFilter named, std::optional<std::string> subject)
    : has_default_(has_default),
      named_(std::move(named)),
      subject_(std::move(subject)),
      key_(make_key(has_default_, named_, subject_)) {}

bool LiveFilter::matches_type(std::string_view type) const {
    static const TypeFilter kDefault;
    if (has_default_ && kDefault.matches(type)) return true;
    return !named_.is_default() && named_.matches(type);
}

bool LiveFilter::matches(const Event& event) const {
    return (!subject_ || event.subject == subject_) && matches_type(event.type);
}

const TypeFilter* LiveFilter::log_types() const {
    return has_default_ && !named_.is_default() ? nullptr : &named_;
}

std::expected<LiveFilter, std::string> LiveFilter::with(const std::vector<std::string>& filters) const {
    if (filters.empty()) return *this;
    std::vector<std::string> all = named_.filters();
    all.insert(all.end(), filters.begin(), filters.end());
    auto named = TypeFilter::from_list(all);
    if (!named) return std::unexpected(named.error());
    return LiveFilter(has_default_, std::move(*named), subject_);
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
    return LiveFilter(has_default_, std::move(*named), subject_);
}

}  // namespace headwater
