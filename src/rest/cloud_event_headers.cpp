#include "rest/cloud_event_headers.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/json_text.hpp"
#include "rest/uri.hpp"

namespace headwater::rest {
namespace {

constexpr std::string_view kPrefix = "ce-";

bool is_attribute(std::string_view name) {
    return name.size() > kPrefix.size() && equals_ignoring_case(name.substr(0, kPrefix.size()), kPrefix);
}

std::string to_lower(std::string_view name) {
    std::string lower(name);
    std::ranges::transform(lower, lower.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return lower;
}

/// RFC 9110 section 5.6.4.
std::string unquoted(std::string_view value) {
    if (value.size() < 2 || value.front() != '"' || value.back() != '"') return std::string(value);
    std::string text;
    for (std::size_t i = 1; i + 1 < value.size(); ++i) {
        if (value[i] == '\\' && i + 2 < value.size()) ++i;
        text += value[i];
    }
    return text;
}

/// A value that is not percent-encoded as it should be counts as it stands.
std::string decoded(std::string_view value) {
    const std::string text = unquoted(value);
    return percent_decode(text).value_or(text);
}

}  // namespace

bool is_binary_cloud_event(const Headers& headers) {
    if (headers.count("ce-specversion") == 0) return false;
    const std::string_view type = headers.find("Content-Type").value_or("");
    constexpr std::string_view kStructured = "application/cloudevents";
    return !equals_ignoring_case(type.substr(0, kStructured.size()), kStructured);
}

std::expected<std::vector<std::pair<std::string, std::string>>, Refusal> read_cloud_event_headers(
    const Headers& headers) {
    std::vector<std::pair<std::string, std::string>> attributes;
    for (std::size_t i = 0; i < headers.size(); ++i) {
        const Headers::Field field = headers.at(i);
        if (!is_attribute(field.name)) continue;
        std::string value = decoded(field.value);
        if (!is_valid_utf8(value)) {
            return std::unexpected(Refusal{Refusal::Kind::malformed,
                                           fmt::format("The header {} is not UTF-8.", to_lower(field.name))});
        }
        attributes.emplace_back(to_lower(field.name.substr(kPrefix.size())), std::move(value));
    }
    if (const auto type = headers.find("Content-Type"))
        attributes.emplace_back("datacontenttype", std::string(*type));
    return attributes;
}

}  // namespace headwater::rest
