#pragma once

#include <pqxx/result>
#include <string_view>
#include <vector>

#include "core/delivery_store.hpp"

namespace headwater::postgres {

/// The columns of headwater.failing_events in the order in which to_failing_event() reads them, after
/// stream_id.
inline constexpr std::string_view kFailingColumns =
    "stream_id, event_id, event_at, expires_at, subject, state, attempts, next_attempt_at, last_error, "
    "last_status, died_at, replay_id, progress";

[[nodiscard]] StreamId stream_of(const pqxx::row& row);
[[nodiscard]] FailingEvent to_failing_event(const pqxx::row& row);
[[nodiscard]] std::vector<FailingEvent> to_failing_events(const pqxx::result& rows);

}  // namespace headwater::postgres
