#include "app/keys/key_texts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "core/json_text.hpp"
#include "core/retention.hpp"

namespace headwater::app {
namespace {

using Mistakes = std::vector<std::string>;

std::optional<TypeFilter> read_types(const char* option, std::string_view text, Mistakes& mistakes) {
    if (text.empty()) return std::nullopt;
    auto filter = TypeFilter::parse(text);
    if (filter) return std::move(*filter);
    mistakes.push_back(std::string(option) + ": " + filter.error());
    return std::nullopt;
}

void read_scope(const std::string& text, const std::optional<TypeFilter>& types, KeyDefinition& key,
                Mistakes& mistakes) {
    const std::size_t equals = std::min(text.find('='), text.size());
    const auto scope = parse_scope(std::string_view(text).substr(0, equals));
    if (!scope) {
        mistakes.push_back("--scope: '" + text +
                           "' is none of send, read, ack, register, rooms, monitors and admin");
        return;
    }
    if (std::ranges::find(key.grants, *scope, &KeyGrant::scope) != key.grants.end()) {
        mistakes.push_back(fmt::format("--scope: '{}' is given twice", to_string(*scope)));
        return;
    }
    const bool has_own = equals < text.size();
    if (has_own && equals + 1 == text.size())
        mistakes.push_back("--scope: there are no types in '" + text + "'");
    const auto own =
        has_own ? read_types("--scope", std::string_view(text).substr(equals + 1), mistakes) : types;
    key.grants.push_back({*scope, own});
}

std::optional<Timestamp> read_expiry(const std::string& text, Timestamp now, Mistakes& mistakes) {
    if (text.empty()) return std::nullopt;
    auto time = parse_rfc3339(text);
    if (!time) {
        const auto length = parse_retention(text);
        if (length && length->kind == Retention::Kind::limited) time = expiry_of(*length, now);
    }
    if (time && *time > now) return time;
    mistakes.push_back("--expires: '" + text +
                       "' is no time to come, such as 90days or 2030-01-31T00:00:00Z");
    return std::nullopt;
}

std::string time_or(const std::optional<Timestamp>& time, std::string_view otherwise) {
    return time ? format_time(*time).substr(0, 19) + "Z" : std::string(otherwise);
}

void append_time(std::string& json, std::string_view name, const std::optional<Timestamp>& time) {
    if (time) json += fmt::format(R"(,"{}":"{}")", name, format_time(*time));
}

std::string to_json(const KeyGrant& grant) {
    std::string json = fmt::format(R"({{"scope":"{}")", to_string(grant.scope));
    if (grant.types) {
        json += R"(,"types":[)";
        for (const std::string& filter : grant.types->filters()) {
            if (json.back() != '[') json += ',';
            json += to_json_string(filter);
        }
        json += ']';
    }
    return json + "}";
}

}  // namespace

std::expected<KeyDefinition, Mistakes> read_key(const KeyTexts& texts, Timestamp now) {
    Mistakes mistakes;
    KeyDefinition key;
    key.name = texts.name;
    if (!is_key_name(key.name))
        mistakes.push_back("--name: a key's name is 1 to 100 characters of [A-Za-z0-9_.:@-]");
    const auto types = read_types("--types", texts.types, mistakes);
    if (texts.scopes.empty())
        mistakes.push_back("--scope: at least one of send, read, ack, register, rooms, monitors and admin");
    for (const std::string& scope : texts.scopes) read_scope(scope, types, key, mistakes);
    if (!texts.rate.empty()) {
        key.rate = parse_request_rate(texts.rate);
        if (!key.rate) mistakes.push_back("--rate: '" + texts.rate + "' is not a rate such as 1000/s");
    }
    key.expires_at = read_expiry(texts.expires, now, mistakes);
    if (!mistakes.empty()) return std::unexpected(std::move(mistakes));
    return key;
}

std::expected<std::chrono::seconds, std::string> read_grace(const std::string& text, Timestamp now) {
    if (text.empty()) return std::chrono::seconds(0);
    const auto length = parse_retention(text);
    if (length && length->kind == Retention::Kind::limited)
        return std::chrono::ceil<std::chrono::seconds>(expiry_of(*length, now) - now);
    return std::unexpected("--grace: '" + text + "' is not a length of time such as 1hour");
}

std::string to_text(std::span<const KeyGrant> grants) {
    std::string text;
    for (const KeyGrant& grant : grants) {
        if (!text.empty()) text += ' ';
        text += to_string(grant.scope);
        if (grant.types) text += "=" + grant.types->to_text();
    }
    return text;
}

std::string_view state_of(const ApiKey& key, Timestamp now) {
    if (key.revoked_at) return "revoked";
    return key.definition.expires_at && *key.definition.expires_at <= now ? "expired" : "good";
}

std::string to_json(const ApiKey& key, Timestamp now, const std::string& secret) {
    std::string json =
        fmt::format(R"({{"id":"{}","name":{})", to_string(key.id), to_json_string(key.definition.name));
    if (!secret.empty()) json += R"(,"key":)" + to_json_string(secret);
    json +=
        fmt::format(R"(,"shown":{},"state":"{}","scopes":[)", to_json_string(key.shown), state_of(key, now));
    for (const KeyGrant& grant : key.definition.grants) {
        if (json.back() != '[') json += ',';
        json += to_json(grant);
    }
    json += ']';
    if (key.definition.rate) json += fmt::format(R"(,"rate":"{}")", to_string(*key.definition.rate));
    append_time(json, "created_at", key.created_at);
    append_time(json, "expires_at", key.definition.expires_at);
    append_time(json, "last_used_at", key.last_used_at);
    append_time(json, "revoked_at", key.revoked_at);
    return json + "}";
}

std::string to_table(std::span<const ApiKey> keys, Timestamp now) {
    std::size_t name = 4;
    std::size_t scopes = 6;
    for (const ApiKey& key : keys) {
        name = std::max(name, key.definition.name.size());
        scopes = std::max(scopes, to_text(key.definition.grants).size());
    }
    constexpr std::string_view kRow = "{:>4}  {:<{}}  {:<10}  {:<7}  {:<{}}  {:<9}  {:<20}  {}\n";
    std::string table = fmt::format(fmt::runtime(kRow), "ID", "NAME", name, "KEY", "STATE", "SCOPES", scopes,
                                    "RATE", "EXPIRES", "LAST USED");
    for (const ApiKey& key : keys) {
        const std::string rate = key.definition.rate ? to_string(*key.definition.rate) : "-";
        table +=
            fmt::format(fmt::runtime(kRow), to_string(key.id), key.definition.name, name, key.shown + "…",
                        state_of(key, now), to_text(key.definition.grants), scopes, rate,
                        time_or(key.definition.expires_at, "never"), time_or(key.last_used_at, "never"));
    }
    return table;
}

}  // namespace headwater::app
