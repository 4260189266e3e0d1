#include "rest/namespace_body.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "rest/json_body.hpp"
#include "rest/uri.hpp"

namespace headwater::rest {
namespace {

constexpr std::array<std::string_view, 3> kMembers{"acl_url", "history", "jwt"};
constexpr std::array<std::string_view, 5> kTokenMembers{"alg", "secret", "public_key", "issuer", "audience"};
constexpr std::size_t kMaxUrl = 1'000;
constexpr std::size_t kMaxKey = 10'000;
constexpr std::size_t kMaxClaim = 500;

using Errors = std::vector<FieldError>;

/// http(s)://authority and an optional path: nothing that could end the address before our part of it.
bool is_acl_url(std::string_view url) {
    const std::size_t scheme = url.starts_with("https://") ? 8 : url.starts_with("http://") ? 7 : 0;
    if (scheme == 0 || url.size() > kMaxUrl) return false;
    const bool is_clean = std::ranges::all_of(url, [](char c) {
        return c > ' ' && c <= '~' && c != '?' && c != '#' && c != '@' && c != '\\' && c != '"' && c != '<' &&
               c != '>';
    });
    const std::string_view rest = url.substr(scheme);
    return is_clean && is_valid_authority(rest.substr(0, rest.find('/')));
}

void read_acl_url(const JsonMembers& members, NamespaceBody& body, Errors& errors) {
    std::string url = members.find("acl_url").and_then(json_string).value_or("");
    while (url.ends_with('/')) url.pop_back();
    if (!is_acl_url(url)) {
        errors.push_back(
            {"/acl_url", "An http:// or https:// address without query or credentials is needed here."});
        return;
    }
    body.acl_url = std::move(url);
}

void read_history(const JsonMembers& members, NamespaceBody& body, Errors& errors) {
    const auto given = members.find("history");
    if (!given) return;
    const auto history = parse_retention(json_string(*given).value_or(""));
    if (history) {
        body.history = *history;
    } else {
        errors.push_back({"/history", history.error()});
    }
}

std::string read_text(const JsonMembers& members, const std::string& name, std::size_t most, Errors& errors) {
    const auto given = members.find(name);
    if (!given) return {};
    auto text = json_string(*given);
    if (text && text->size() <= most && text->find('\0') == std::string::npos) return std::move(*text);
    errors.push_back({"/jwt/" + name, "This is no text, or too long."});
    return {};
}

void read_tokens(std::string_view json, const TokenRule* stored, NamespaceBody& body, Errors& errors) {
    auto members = JsonMembers::read(json, kTokenMembers, "/jwt");
    if (!members) {
        const auto& found = members.error().errors;
        errors.insert(errors.end(), found.begin(), found.end());
        if (found.empty()) errors.push_back({"/jwt", "An object or null is needed here."});
        return;
    }
    const auto algorithm = parse_token_algorithm(members->find("alg").and_then(json_string).value_or(""));
    if (!algorithm) {
        errors.push_back({"/jwt/alg", "\"HS256\" or \"RS256\" is needed here."});
        return;
    }
    const bool is_shared = *algorithm == TokenRule::Algorithm::HS256;
    const std::string name = is_shared ? "secret" : "public_key";
    const std::string other = is_shared ? "public_key" : "secret";
    if (members->find(other)) errors.push_back({"/jwt/" + other, "This algorithm has no such key."});
    std::string key = read_text(*members, name, kMaxKey, errors);
    if (key.empty() && stored != nullptr && stored->definition().algorithm == *algorithm)
        key = stored->definition().key;
    auto rule = TokenRule::make({*algorithm, std::move(key), read_text(*members, "issuer", kMaxClaim, errors),
                                 read_text(*members, "audience", kMaxClaim, errors)});
    if (rule) {
        body.tokens = to_stored_json(**rule);
    } else {
        errors.push_back({"/jwt/" + name, rule.error()});
    }
}

}  // namespace

std::expected<NamespaceBody, Refusal> parse_namespace(std::string_view json, const TokenRule* stored) {
    const auto members = JsonMembers::read(json, kMembers);
    if (!members) return std::unexpected(members.error());
    NamespaceBody body;
    Errors errors;
    read_acl_url(*members, body, errors);
    read_history(*members, body, errors);
    if (const auto tokens = members->find("jwt")) {
        if (*tokens == "null") {
            body.tokens = "";
        } else {
            read_tokens(*tokens, stored, body, errors);
        }
    }
    if (!errors.empty())
        return std::unexpected(
            Refusal{Refusal::Kind::invalid, "The namespace is not valid.", std::move(errors)});
    return body;
}

}  // namespace headwater::rest
