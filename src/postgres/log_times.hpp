#pragma once

#include "core/event_log.hpp"

namespace headwater::postgres {

class Connection;

/// When an id was handed out, as far as headwater.log_times knows it: at most some 2,300 ids or an hour
/// apart.
struct TimeRange {
    Timestamp from;     ///< inclusive
    Timestamp through;  ///< inclusive; Timestamp::max() near the head
};
[[nodiscard]] TimeRange times_of(Connection& connection, EventId id);

/// A moment by which every id up to this one was handed out; Timestamp::max() near the head.
[[nodiscard]] Timestamp time_past(Connection& connection, EventId id);

/// The same for many ids, in their order; cheap when they lie close together.
[[nodiscard]] std::vector<TimeRange> times_of(Connection& connection, std::span<const std::int64_t> ids);

}  // namespace headwater::postgres
