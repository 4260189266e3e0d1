#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/event.hpp"
#include "core/ids.hpp"
#include "core/retention.hpp"
#include "core/time.hpp"

namespace headwater {

using MonitorId = Id<struct MonitorTag>;

/// Spelled as in SQL and JSON. Unknown: never checked in; Dead: no check-in for (threshold + 1) times the
/// interval, or a reported failure.
enum class MonitorStatus { Unknown, Ok, Dead };

[[nodiscard]] std::string_view to_string(MonitorStatus status);
[[nodiscard]] std::optional<MonitorStatus> parse_monitor_status(std::string_view text);

/// How often a monitor must check in. Calendar units are counted by PostgreSQL.
struct MonitorRule {
    static constexpr int kMaxThreshold = 1000;

    Retention every;    ///< limited
    int threshold = 0;  ///< how many check-ins may be missed

    /// The text of (threshold + 1) times the interval, such as "8hours", which PostgreSQL reads as well.
    [[nodiscard]] std::string period() const;
};

/// Reads "4hours". The error is one sentence for the client.
[[nodiscard]] std::expected<Retention, std::string> parse_monitor_interval(std::string_view text);
/// The error says why the two cannot go together: all in all a hundred years are too long.
[[nodiscard]] std::expected<void, std::string> check_monitor_rule(const MonitorRule& rule);

/// What a client says about a monitor.
struct MonitorDefinition {
    std::string name;
    std::string description;
    MonitorRule rule;
    std::vector<StreamId> notices;  ///< the streams that carry its notifications
};

/// A stored monitor.
struct Monitor {
    MonitorId id;
    MonitorDefinition definition;
    MonitorStatus status = MonitorStatus::Unknown;
    Timestamp status_since;
    bool is_paused = false;
    std::optional<Timestamp> checked_in_at;
    std::optional<Timestamp> due_at;   ///< when it turns Dead; none unless it is Ok and not paused
    std::vector<Timestamp> check_ins;  ///< the newest 25, newest first
    std::int64_t version = 1;
    Timestamp created_at;
    Timestamp updated_at;
};

struct MonitorFlip {
    Timestamp at;
    MonitorStatus from{};
    MonitorStatus to{};
    std::string reason;  ///< check-in, late, fail
    std::optional<EventId> event;
};

/// A monitor's key: "hwm_" and 32 characters. Only its hash is kept.
[[nodiscard]] std::string make_monitor_key();
[[nodiscard]] Digest hash_of_monitor_key(std::string_view key);

}  // namespace headwater
