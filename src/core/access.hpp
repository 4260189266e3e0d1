#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/ids.hpp"
#include "core/request_rate.hpp"
#include "core/time.hpp"
#include "core/type_filter.hpp"

namespace headwater {

using KeyId = Id<struct KeyTag>;

/// What a key allows, spelled as in SQL and JSON (`register_` is "register"). `admin` allows everything that
/// the others do, and what none of them does.
enum class Scope : std::uint8_t { send, read, ack, register_, rooms, monitors, admin };
inline constexpr std::array kScopes{Scope::send,  Scope::read,     Scope::ack,  Scope::register_,
                                    Scope::rooms, Scope::monitors, Scope::admin};

[[nodiscard]] std::string_view to_string(Scope scope);
[[nodiscard]] std::optional<Scope> parse_scope(std::string_view text);

/// The scopes of a key, each for every event type or for some. A value.
class Grants {
  public:
    /// Adds to what is granted already. No types: every type, those with reserved prefixes too.
    void add(Scope scope, const std::optional<TypeFilter>& types);

    [[nodiscard]] bool allow(Scope scope) const { return of(scope).is_given; }
    [[nodiscard]] bool allow(Scope scope, std::string_view type) const;
    /// The types that the scope is limited to; null: it is not limited, or not granted at all.
    [[nodiscard]] const TypeFilter* types(Scope scope) const;

  private:
    struct Grant {
        bool is_given = false;
        bool has_all_types = false;
        TypeFilter types;
    };
    void widen(Scope scope, const std::optional<TypeFilter>& types);
    [[nodiscard]] const Grant& of(Scope scope) const { return grants_[static_cast<std::size_t>(scope)]; }

    std::array<Grant, kScopes.size()> grants_;
};

/// What one secret of a key opens. Immutable but for its end: connections hold on to it, and learn from it
/// that their key is no longer good. Thread-safe.
struct Access {
    KeyId id;
    std::string name;
    Grants grants;
    std::optional<RequestRate> rate{};                         ///< none: no limit
    std::shared_ptr<KeyMeter> meter{};                         ///< the key's, whatever its secret
    mutable std::atomic<Timestamp> ends_at{Timestamp::max()};  ///< moves to earlier times only
    mutable std::atomic<bool> has_ended{false};  ///< revoked, rotated or expired: set once, never cleared

    [[nodiscard]] bool is_good(Timestamp now) const {
        return !has_ended.load(std::memory_order_relaxed) && now < ends_at.load(std::memory_order_relaxed);
    }
};
using AccessPtr = std::shared_ptr<const Access>;

/// Who makes a request, and what they may do. A value, cheap to copy.
class Caller {
  public:
    /// Nobody: may do nothing. `has_credential` tells whether something was shown that is no good key.
    Caller() = default;
    [[nodiscard]] static Caller nobody_with_credential();
    /// While the server runs open: everybody may do everything, and whatever token they show is their name.
    [[nodiscard]] static Caller in_the_open(std::string_view token);
    [[nodiscard]] static Caller holder_of(AccessPtr access);

    /// The server runs open.
    [[nodiscard]] bool is_open() const { return is_open_; }
    /// Some credential came with the request, good or not.
    [[nodiscard]] bool has_credential() const { return has_credential_; }
    /// The key; 0 for nobody and while the server runs open.
    [[nodiscard]] KeyId key() const { return access_ ? access_->id : KeyId{}; }
    /// The key's name; while the server runs open the token itself; "" when there is neither.
    [[nodiscard]] std::string_view user() const { return access_ ? access_->name : token_; }

    [[nodiscard]] bool may(Scope scope) const {
        return is_open_ || (access_ && access_->grants.allow(scope));
    }
    [[nodiscard]] bool may(Scope scope, std::string_view type) const {
        return is_open_ || (access_ && access_->grants.allow(scope, type));
    }
    /// The types that the scope is limited to; null: no limit (ask may() first).
    [[nodiscard]] const TypeFilter* types(Scope scope) const {
        return access_ ? access_->grants.types(scope) : nullptr;
    }
    /// The same as a value; none(): not even that.
    [[nodiscard]] std::optional<TypeFilter> limit(Scope scope) const;
    /// What it asks for, narrowed to what it may have of the scope.
    [[nodiscard]] TypeFilter narrow(Scope scope, const TypeFilter& asked) const;
    /// False once the key was revoked, rotated or has expired: whatever it opened must end.
    [[nodiscard]] bool is_good() const { return is_open_ || (access_ && !access_->has_ended); }
    /// The key itself, for whoever must know when it ends; null while the server runs open and for nobody.
    [[nodiscard]] const AccessPtr& access() const { return access_; }

  private:
    bool is_open_ = false;
    bool has_credential_ = false;
    std::string token_;
    AccessPtr access_;
};

}  // namespace headwater
