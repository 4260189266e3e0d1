#include "core/key_view.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include <limits>

#include "core/api_key.hpp"
#include "core/base64.hpp"

namespace headwater {
namespace {

constexpr std::string_view kSessionPrefix = "hws_";

std::string_view as_text(const Sha256& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// The claims of "hws_{key}.{until}.{signature}": who, until when.
struct SessionClaims {
    KeyId key;
    std::chrono::sys_seconds until;
};

std::optional<SessionClaims> read_claims(std::string_view token) {
    const std::string_view claims = token.substr(kSessionPrefix.size());
    const std::size_t first = claims.find('.');
    if (first == std::string_view::npos) return std::nullopt;
    const std::size_t second = claims.find('.', first + 1);
    if (second == std::string_view::npos) return std::nullopt;
    const auto key = parse_id<KeyId>(claims.substr(0, first));
    const auto until = parse_id<KeyId>(claims.substr(first + 1, second - first - 1));
    if (!key || !until || until->value > std::numeric_limits<std::int32_t>::max() * std::int64_t{1000})
        return std::nullopt;
    return SessionClaims{*key, std::chrono::sys_seconds(std::chrono::seconds(until->value))};
}

}  // namespace

KeyView::KeyView(Door door, std::string session_secret, std::vector<Entry> entries)
    : door_(door), session_secret_(std::move(session_secret)), entries_(std::move(entries)) {
    for (const Entry& entry : entries_) {
        by_hash_.emplace(entry.hash, &entry);
        if (entry.is_current) by_id_.emplace(entry.access->id, &entry);
    }
}

AccessPtr KeyView::find(std::string_view credential, Timestamp now) const {
    if (credential.starts_with(kSessionPrefix)) return find_session(credential, now);
    return find_key(credential, now);
}

AccessPtr KeyView::find_key(std::string_view secret, Timestamp now) const {
    const Entry* entry = find_entry(hash_of_key_secret(secret));
    return entry != nullptr && entry->access->is_good(now) ? entry->access : nullptr;
}

const KeyView::Entry* KeyView::find_entry(const Sha256& hash) const {
    const auto found = by_hash_.find(hash);
    return found == by_hash_.end() ? nullptr : found->second;
}

std::string KeyView::make_session(const Access& access, std::chrono::sys_seconds until) const {
    const auto found = by_id_.find(access.id);
    return found == by_id_.end() ? std::string() : sign(*found->second, until);
}

AccessPtr KeyView::find_session(std::string_view token, Timestamp now) const {
    const auto claims = read_claims(token);
    if (!claims || claims->until <= now) return nullptr;
    const auto found = by_id_.find(claims->key);
    if (found == by_id_.end() || !found->second->access->is_good(now)) return nullptr;
    const std::string right = sign(*found->second, claims->until);
    const bool is_right =
        right.size() == token.size() && CRYPTO_memcmp(right.data(), token.data(), token.size()) == 0;
    return is_right ? found->second->access : nullptr;
}

std::string KeyView::sign(const Entry& entry, std::chrono::sys_seconds until) const {
    std::string token =
        fmt::format("{}{}.{}", kSessionPrefix, to_string(entry.access->id), until.time_since_epoch().count());
    std::string signed_text = token;
    signed_text.append(1, '\0').append(as_text(entry.hash));
    token.append(1, '.').append(to_base64url(as_text(hmac_sha256(session_secret_, signed_text))));
    return token;
}

}  // namespace headwater
