#pragma once

#include <chrono>
#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "core/time.hpp"

namespace headwater {

/// How long an event type's events are kept: the parsed form of a registration's `ttl`.
struct Retention {
    enum class Kind { permanent, ephemeral, limited };
    enum class Unit { seconds, minutes, hours, days, weeks, months, years };

    Kind kind = Kind::permanent;
    int count = 0;              ///< 1 and up when limited
    Unit unit = Unit::seconds;  ///< when limited

    friend bool operator==(const Retention&, const Retention&) = default;
    [[nodiscard]] bool is_ephemeral() const { return kind == Kind::ephemeral; }
    [[nodiscard]] bool is_permanent() const { return kind == Kind::permanent; }
};

/// Reads `permanent`, `ephemeral` or a count and a unit without space ("24days", "1hour", "6months"; singular
/// and plural alike). The longest ttl is 100 years. The error is one sentence for the client.
[[nodiscard]] std::expected<Retention, std::string> parse_retention(std::string_view text);

/// The canonical text ("24days", "1day", "permanent"), which parse_retention reads back to the same value.
[[nodiscard]] std::string to_string(const Retention& retention);

/// When an event that was stored at `created_at` expires: calendar months and years clamp to the month's last
/// day (as PostgreSQL's interval does). Timestamp::max() for permanent. Ephemeral: created_at + 60 s.
[[nodiscard]] Timestamp expiry_of(const Retention& retention, Timestamp created_at);

/// A rung of the ladder that a ttl is rounded up to. Events of one class share partitions of `width`, which
/// can be dropped `longest` after their upper end. `name` is the suffix of the class's tables ("hour",
/// "week", "permanent").
struct RetentionClass {
    int id;  ///< as in SQL: events.class, ascending with `longest`
    std::string_view name;
    std::chrono::seconds longest;  ///< no event of this class lives longer; seconds::max() for permanent
    std::chrono::seconds width;    ///< of one partition, aligned to multiples since 1970-01-01T00:00Z
};

/// The ladder, shortest first; the last is permanent.
[[nodiscard]] std::span<const RetentionClass> retention_classes();

/// The class that a stored (not ephemeral) type's events go to.
[[nodiscard]] const RetentionClass& retention_class_of(const Retention& retention);

}  // namespace headwater
