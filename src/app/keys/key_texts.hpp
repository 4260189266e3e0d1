#pragma once

#include <expected>
#include <span>
#include <string>
#include <vector>

#include "core/api_key.hpp"

namespace headwater::app {

/// What an operator types about a new key, as it was typed.
struct KeyTexts {
    std::string name;
    std::vector<std::string> scopes;  ///< "send", or "read=campaign:*,financial:*"
    std::string types;                ///< of the scopes that name none; "" = every type
    std::string rate;                 ///< "" = the server's default
    std::string expires;              ///< "90days" or an RFC 3339 time; "" = never
};

/// What they mean, or each mistake in one sentence.
[[nodiscard]] std::expected<KeyDefinition, std::vector<std::string>> read_key(const KeyTexts& texts,
                                                                              Timestamp now);
/// "90days" as a length of time. The error is one sentence.
[[nodiscard]] std::expected<std::chrono::seconds, std::string> read_grace(const std::string& text,
                                                                          Timestamp now);

/// "send read=campaign:*".
[[nodiscard]] std::string to_text(std::span<const KeyGrant> grants);
/// revoked, expired, or good.
[[nodiscard]] std::string_view state_of(const ApiKey& key, Timestamp now);
/// A JSON object; with the secret when there is one to show.
[[nodiscard]] std::string to_json(const ApiKey& key, Timestamp now, const std::string& secret = "");
/// A table of them, a line each.
[[nodiscard]] std::string to_table(std::span<const ApiKey> keys, Timestamp now);

}  // namespace headwater::app
