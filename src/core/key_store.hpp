#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/api_key.hpp"

namespace headwater {

/// A key that is good, as nodes keep it in memory.
struct StoredKey {
    ApiKey key;
    Sha256 hash{};
    std::optional<Sha256> old_hash{};      ///< of the secret before the last rotation, …
    std::optional<Timestamp> old_until{};  ///< … which is good until then
};

/// All good keys at one moment.
struct KeySet {
    std::int64_t version = 0;    ///< moves with every change
    bool is_enforced = false;    ///< false: everybody may do everything
    std::string session_secret;  ///< signs the tokens of POST /sessions
    std::vector<StoredKey> keys;
};

struct KeyUse {
    KeyId key;
    std::chrono::sys_seconds at;
};

/// A new secret, as it is stored.
struct NewSecret {
    Sha256 hash;
    std::string shown;
};

/// Where keys are kept. Thread-safe, blocking; throws Unavailable. What operators do names a key by its id or
/// its name, and finds only keys that are not revoked.
class KeyStore {
  public:
    virtual ~KeyStore() = default;
    /// Nothing when the version is still the known one.
    [[nodiscard]] virtual std::optional<KeySet> load(std::optional<std::int64_t> known) = 0;
    virtual void save_uses(std::span<const KeyUse> uses) = 0;

    /// From then on keys are needed. The error is one sentence: the name is taken.
    [[nodiscard]] virtual std::expected<ApiKey, std::string> create(const KeyDefinition& definition,
                                                                    const NewSecret& secret) = 0;
    /// Revoked ones too, oldest first.
    [[nodiscard]] virtual std::vector<ApiKey> list() = 0;
    [[nodiscard]] virtual std::optional<ApiKey> revoke(std::string_view key) = 0;
    /// Gives the key another secret; the old one stays good for `grace`.
    [[nodiscard]] virtual std::optional<ApiKey> rotate(std::string_view key, const NewSecret& secret,
                                                       std::chrono::seconds grace) = 0;
    /// Everybody may do everything again. Keys stay, and count again once another is made.
    virtual void disable() = 0;
    /// Whether keys are needed.
    [[nodiscard]] virtual bool is_enforced() = 0;
};

}  // namespace headwater
