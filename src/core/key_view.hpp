#pragma once

#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/access.hpp"
#include "core/sha256.hpp"

namespace headwater {

/// All good keys at one moment, found by what a client shows. Immutable: any number of threads may ask it.
class KeyView {
  public:
    enum class Door {
        open,    ///< there are no keys: everybody may do everything
        guarded  ///< a key is needed
    };
    /// A secret that opens something, by its hash.
    struct Entry {
        Sha256 hash;
        AccessPtr access;
        bool is_current = true;  ///< false: the secret before a rotation, which signs no new session
    };

    KeyView(Door door, std::string session_secret, std::vector<Entry> entries);
    KeyView(const KeyView&) = delete;
    KeyView& operator=(const KeyView&) = delete;

    [[nodiscard]] bool is_open() const { return door_ == Door::open; }
    /// What a key's secret, or the token of a session, opens; null: nothing.
    [[nodiscard]] AccessPtr find(std::string_view credential, Timestamp now) const;
    /// The same for a key's secret alone.
    [[nodiscard]] AccessPtr find_key(std::string_view secret, Timestamp now) const;
    /// A token that opens until then what the key opens, on every node, for as long as the key is good and
    /// its secret the same.
    [[nodiscard]] std::string make_session(const Access& access, std::chrono::sys_seconds until) const;

    [[nodiscard]] const Entry* find_entry(const Sha256& hash) const;
    [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }

  private:
    struct First64Bits {
        std::size_t operator()(const Sha256& hash) const noexcept {
            std::size_t bits = 0;
            std::memcpy(&bits, hash.data(), sizeof bits);
            return bits;
        }
    };
    struct ConstantTime {
        bool operator()(const Sha256& a, const Sha256& b) const { return are_equal_in_constant_time(a, b); }
    };
    [[nodiscard]] AccessPtr find_session(std::string_view token, Timestamp now) const;
    [[nodiscard]] std::string sign(const Entry& entry, std::chrono::sys_seconds until) const;

    const Door door_;
    const std::string session_secret_;
    const std::vector<Entry> entries_;
    std::unordered_map<Sha256, const Entry*, First64Bits, ConstantTime> by_hash_;
    std::unordered_map<KeyId, const Entry*> by_id_;  // current ones
};
using KeyViewPtr = std::shared_ptr<const KeyView>;

}  // namespace headwater
