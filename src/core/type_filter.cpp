#include "core/type_filter.hpp"

#include <algorithm>
#include <array>
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
    result.filters_ = filters;
    std::ranges::sort(result.filters_);
    const auto repeats = std::ranges::unique(result.filters_);
    result.filters_.erase(repeats.begin(), repeats.end());
    return result;
}

bool TypeFilter::matches(std::string_view type) const {
    const bool is_reserved = is_reserved_type(type);
    if (filters_.empty()) return !is_reserved;
    const auto prefix = is_reserved ? type.substr(0, type.find(':') + 1) : std::string_view();
    return std::ranges::any_of(filters_, [&](const std::string& filter) {
        return filter.starts_with(prefix) && filter_matches(filter, type);
    });
}

std::string TypeFilter::to_text() const {
    return fmt::format("{}", fmt::join(filters_, ","));
}

}  // namespace headwater
