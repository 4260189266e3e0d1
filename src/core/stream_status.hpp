#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "core/ids.hpp"
#include "core/stream.hpp"
#include "core/time.hpp"

namespace headwater {

/// How a stream stands at this moment on the node that runs it. A value; newer than what the registry holds.
struct StreamStatus {
    StreamState state = StreamState::running;
    Cursor cursor;                          ///< may be ahead of the saved one by a second
    std::string last_error;                 ///< one sentence for the operator; "" when the last attempt succeeded
    std::optional<Timestamp> last_delivered;
    std::size_t in_flight = 0;
    std::size_t set_aside = 0;              ///< failing events that wait for their next attempt, and those held behind them
    std::optional<Timestamp> next_attempt;  ///< of the first failing event, or of the probe
    bool is_at_head = false;                ///< nothing is left to read from the log
    std::size_t waiting = 0;                ///< read from the log, not sent yet
};

/// Looks a running stream up; nothing when this node does not run it. Any thread, never blocks for long.
using StreamStatusLookup = std::function<std::optional<StreamStatus>(StreamId)>;

}  // namespace headwater
