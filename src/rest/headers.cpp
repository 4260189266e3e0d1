#include "rest/headers.hpp"

#include <algorithm>

namespace headwater::rest {
namespace {

char to_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

/// Calls `visit` with each element of a comma-separated list, trimmed.
template <class Visit>
void for_each_element(std::string_view list, Visit visit) {
    while (!list.empty()) {
        const std::size_t comma = std::min(list.find(','), list.size());
        const std::string_view element = trim(list.substr(0, comma));
        if (!element.empty()) visit(element);
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
}

/// "q=0.5" among the parameters behind a ';'; 1000 when there is none.
int parse_quality(std::string_view parameters) {
    while (!parameters.empty()) {
        const std::size_t semicolon = std::min(parameters.find(';'), parameters.size());
        const std::string_view parameter = trim(parameters.substr(0, semicolon));
        parameters.remove_prefix(std::min(semicolon + 1, parameters.size()));
        if (parameter.size() < 3 || to_lower(parameter[0]) != 'q' || parameter[1] != '=') continue;
        int value = parameter[2] == '1' ? 1000 : 0;
        int weight = 100;
        for (const char digit : parameter.substr(std::min<std::size_t>(4, parameter.size()))) {
            if (digit < '0' || digit > '9') break;
            value += (digit - '0') * weight;
            weight /= 10;
        }
        return std::min(value, 1000);
    }
    return 1000;
}

/// How closely a range names something: 3 exactly, 2 by `type/*`, 1 by a wildcard, 0 not at all.
int closeness(std::string_view range, std::string_view name) {
    if (equals_ignoring_case(range, name)) return 3;
    if (range == "*" || range == "*/*") return 1;
    const bool is_subrange = range.ends_with("/*") && name.size() >= range.size() - 1;
    return is_subrange &&
                   equals_ignoring_case(range.substr(0, range.size() - 1), name.substr(0, range.size() - 1))
               ? 2
               : 0;
}

}  // namespace

bool equals_ignoring_case(std::string_view a, std::string_view b) {
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                              [](char x, char y) { return to_lower(x) == to_lower(y); });
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

void Headers::add(std::string_view name, std::string_view value) {
    entries_.push_back({static_cast<std::uint32_t>(text_.size()), static_cast<std::uint32_t>(name.size()),
                        static_cast<std::uint32_t>(value.size())});
    text_.append(name).append(value);
}

void Headers::clear() {
    text_.clear();
    entries_.clear();
}

Headers::Field Headers::at(std::size_t index) const {
    const Entry& entry = entries_[index];
    const std::string_view text(text_);
    return {text.substr(entry.begin, entry.name_size),
            text.substr(entry.begin + entry.name_size, entry.value_size)};
}

std::optional<std::string_view> Headers::find(std::string_view name) const {
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        if (entries_[i].name_size != name.size()) continue;
        const Field field = at(i);
        if (equals_ignoring_case(field.name, name)) return field.value;
    }
    return std::nullopt;
}

std::size_t Headers::count(std::string_view name) const {
    std::size_t found = 0;
    for (std::size_t i = 0; i < entries_.size(); ++i) found += equals_ignoring_case(at(i).name, name) ? 1 : 0;
    return found;
}

std::string Headers::joined(std::string_view name) const {
    std::string all;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        const Field field = at(i);
        if (!equals_ignoring_case(field.name, name)) continue;
        if (!all.empty()) all += ", ";
        all += field.value;
    }
    return all;
}

bool has_token(std::string_view list, std::string_view token) {
    bool found = false;
    for_each_element(
        list, [&](std::string_view element) { found = found || equals_ignoring_case(element, token); });
    return found;
}

std::string_view bearer_token(const Headers& headers) {
    constexpr std::string_view kBearer = "Bearer ";
    const std::string_view authorization = headers.find("Authorization").value_or("");
    const bool is_bearer = equals_ignoring_case(authorization.substr(0, kBearer.size()), kBearer);
    return is_bearer ? trim(authorization.substr(kBearer.size())) : std::string_view();
}

std::optional<int> quality_of(std::string_view list, std::string_view name) {
    int best = 0;
    std::optional<int> quality;
    for_each_element(list, [&](std::string_view element) {
        const std::size_t semicolon = std::min(element.find(';'), element.size());
        const int close = closeness(trim(element.substr(0, semicolon)), name);
        if (close <= best) return;
        best = close;
        quality =
            parse_quality(semicolon < element.size() ? element.substr(semicolon + 1) : std::string_view{});
    });
    return quality;
}

}  // namespace headwater::rest
