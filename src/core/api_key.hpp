#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/access.hpp"
#include "core/request_rate.hpp"
#include "core/sha256.hpp"

namespace headwater {

/// One scope of a key and the types that it holds for; none: every type.
struct KeyGrant {
    Scope scope{};
    std::optional<TypeFilter> types{};
};

/// What an operator says about a new key.
struct KeyDefinition {
    std::string name;
    std::vector<KeyGrant> grants;  ///< at least one; a scope stands there once
    std::optional<RequestRate> rate;
    std::optional<Timestamp> expires_at;
};

/// A stored key. Its secret is known to whoever holds it and to nobody else.
struct ApiKey {
    KeyId id;
    KeyDefinition definition;
    std::string shown;  ///< how the secret begins
    Timestamp created_at;
    std::optional<Timestamp> last_used_at;
    std::optional<Timestamp> revoked_at;
};

/// The name of a key: 1 to 100 characters of [A-Za-z0-9_.:@-], like that of a feed's client.
[[nodiscard]] bool is_key_name(std::string_view text);

/// "hw_" and 43 characters: 32 random bytes. Throws std::runtime_error when there is no randomness.
[[nodiscard]] std::string make_key_secret();
/// The part of it that lists may show.
[[nodiscard]] std::string shown_part_of(std::string_view secret);
/// What is stored of it. The secret is as random as its hash, so no salt and no slow hash are needed.
[[nodiscard]] Sha256 hash_of_key_secret(std::string_view secret);

[[nodiscard]] Grants to_grants(const std::vector<KeyGrant>& grants);

}  // namespace headwater
