#include "core/type_filter.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace headwater {
namespace {

constexpr std::size_t kMaxLength = 200;

bool is_segment(std::string_view text) {
    const auto is_allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '.' || c == '-';
    };
    return !text.empty() && std::ranges::all_of(text, is_allowed);
}

// Cuts the first segment off; `rest` is null once the last one was taken.
std::string_view take_segment(std::string_view& rest) {
    const auto colon = rest.find(':');
    const auto segment = rest.substr(0, colon);
    rest = colon == std::string_view::npos ? std::string_view() : rest.substr(colon + 1);
    return segment;
}

bool is_filter(std::string_view filter) {
    if (filter.empty() || filter.size() > kMaxLength) return false;
    while (filter.data() != nullptr) {
        const auto segment = take_segment(filter);
        const bool is_last = filter.data() == nullptr;
        if (segment != "*" && !(segment == "**" && is_last) && !is_segment(segment)) return false;
    }
    return true;
}

bool filter_matches(std::string_view filter, std::string_view type) {
    while (filter.data() != nullptr && type.data() != nullptr) {
        const auto wanted = take_segment(filter);
        if (wanted == "**") return true;
        const auto segment = take_segment(type);
        if (wanted != "*" && wanted != segment) return false;
    }
    return filter.data() == nullptr && type.data() == nullptr;
}

// The "room:" of a filter that names a reserved prefix; "" otherwise.
std::string_view reserved_prefix_of(std::string_view filter) {
    return is_reserved_type(filter) ? filter.substr(0, filter.find(':') + 1) : std::string_view();
}

// The one filter that matches what both match; nothing when that is no type at all.
std::optional<std::string> meet(std::string_view a, std::string_view b) {
    if (reserved_prefix_of(a) != reserved_prefix_of(b)) return std::nullopt;
    std::string result;
    const auto append = [&result](std::string_view text) {
        if (!result.empty()) result += ':';
        result += text;
    };
    while (a.data() != nullptr && b.data() != nullptr) {
        if (a == "**" || b == "**") {
            append(a == "**" ? b : a);
            return result;
        }
        const auto one = take_segment(a);
        const auto other = take_segment(b);
        if (one != "*" && other != "*" && one != other) return std::nullopt;
        append(one == "*" ? other : one);
    }
    if (a.data() != nullptr || b.data() != nullptr) return std::nullopt;
    return result;
}

// A client may have sent anything at all: what is shown back is short and printable.
std::string shown(std::string_view text) {
    std::string result;
    for (const char c : text.substr(0, 60)) result += c > ' ' && c <= '~' && c != '"' ? c : '?';
    if (text.size() > 60) result += "...";
    return result;
}

}  // namespace

bool is_event_type_name(std::string_view name) {
    if (name.empty() || name.size() > kMaxLength) return false;
    while (name.data() != nullptr) {
        if (!is_segment(take_segment(name))) return false;
    }
    return true;
}

bool is_reserved_type(std::string_view name) {
    static constexpr std::array<std::string_view, 3> kPrefixes{"room:", "monitor:", "headwater:"};
    return std::ranges::any_of(kPrefixes,
                               [name](std::string_view prefix) { return name.starts_with(prefix); });
}

std::expected<TypeFilter, std::string> TypeFilter::parse(std::string_view text) {
    std::vector<std::string> filters;
    if (text.empty()) return TypeFilter{};
    for (std::size_t begin = 0; begin <= text.size() && filters.size() <= kMaxFilters;) {
        const auto comma = std::min(text.find(',', begin), text.size());
        filters.emplace_back(text.substr(begin, comma - begin));
        begin = comma + 1;
    }
    return from_list(filters);
}

std::expected<TypeFilter, std::string> TypeFilter::from_list(const std::vector<std::string>& filters) {
    if (filters.size() > kMaxFilters) {
        return std::unexpected(fmt::format("There are more than {} type filters.", kMaxFilters));
    }
    const auto bad = std::ranges::find_if_not(filters, is_filter);
    if (bad != filters.end())
        return std::unexpected(fmt::format("\"{}\" is not a type filter.", shown(*bad)));
    TypeFilter result;
    result.set(filters);
    return result;
}

void TypeFilter::set(std::vector<std::string> filters) {
    filters_ = std::move(filters);
    std::ranges::sort(filters_);
    const auto repeats = std::ranges::unique(filters_);
    filters_.erase(repeats.begin(), repeats.end());
}

TypeFilter TypeFilter::none() {
    TypeFilter result;
    result.is_none_ = true;
    return result;
}

TypeFilter TypeFilter::both(const TypeFilter& a, const TypeFilter& b) {
    if (a.is_none_ || b.is_none_) return none();
    if (b.is_default()) return a.is_default() ? a : both(b, a);
    std::vector<std::string> filters;
    for (const std::string& filter : b.filters_) {
        if (a.is_default()) {
            if (!is_reserved_type(filter)) filters.push_back(filter);
            continue;
        }
        for (const std::string& other : a.filters_) {
            if (auto common = meet(filter, other)) filters.push_back(std::move(*common));
        }
    }
    if (filters.empty()) return none();
    TypeFilter result;
    result.set(std::move(filters));
    return result;
}

TypeFilter TypeFilter::either(const TypeFilter& a, const TypeFilter& b) {
    std::vector<std::string> filters = a.filters_;
    filters.insert(filters.end(), b.filters_.begin(), b.filters_.end());
    if (filters.empty()) return none();
    TypeFilter result;
    result.set(std::move(filters));
    return result;
}

bool TypeFilter::matches(std::string_view type) const {
    if (is_none_) return false;
    const bool is_reserved = is_reserved_type(type);
    if (filters_.empty()) return !is_reserved;
    const auto prefix = is_reserved ? type.substr(0, type.find(':') + 1) : std::string_view();
    return std::ranges::any_of(filters_, [&](const std::string& filter) {
        return filter.starts_with(prefix) && filter_matches(filter, type);
    });
}

bool TypeFilter::covers(const TypeFilter& other) const {
    static const std::vector<std::string> kEverything{"**"};
    if (other.is_none_) return true;
    const auto& theirs = other.is_default() ? kEverything : other.filters_;
    const auto& ours = is_default() ? kEverything : filters_;
    return std::ranges::all_of(theirs, [&](const std::string& filter) {
        return std::ranges::any_of(ours, [&](const std::string& own) { return meet(own, filter) == filter; });
    });
}

std::string TypeFilter::to_text() const {
    if (is_none_) return "!";
    return fmt::format("{}", fmt::join(filters_, ","));
}

}  // namespace headwater
