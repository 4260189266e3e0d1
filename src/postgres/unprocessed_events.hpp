#pragma once

#include <functional>

#include "postgres/client_progress.hpp"
#include "postgres/event_query.hpp"

namespace headwater::postgres {

/// In ids: the first stretch, whose bitmaps should come with the client's progress.
inline constexpr std::int64_t kFirstReach = std::int64_t{1} << 18;

/// Reads the events of a scope that a client has not processed, in the scope's order and up to its limit.
/// Walks over the log in stretches of ids: one in which everything is acknowledged costs no look at its
/// events, one in which little is left costs a look-up per event that is left. Each page of rows goes to
/// `take`; the answer says whether further events stand behind the last one.
[[nodiscard]] bool read_unprocessed(Connection& connection, LogTimes& times, const ClientProgress& progress,
                                    EventScope scope, const std::function<void(const EventRows&)>& take);

}  // namespace headwater::postgres
