#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "core/ids.hpp"
#include "core/stream.hpp"
#include "core/time.hpp"

namespace headwater {

/// The event that a strict stream cannot deliver and waits for.
struct FailingHead {
    EventId event;
    int attempts = 0;                       ///< failed ones
    std::optional<Timestamp> next_attempt;  ///< nothing: it is under way
    std::string last_error;
    int last_status = 0;  ///< the protocol's own code; 0 when there was none
};

/// How a stream stands at this moment on the node that runs it. A value; newer than what the registry holds.
struct StreamStatus {
    StreamState state = StreamState::running;
    std::optional<Timestamp> since;  ///< of the state; nothing: as stored, before this node had the stream
    Cursor cursor;                   ///< may be ahead of the saved one by a second
    std::string last_error;          ///< one sentence for the operator; "" when the last attempt succeeded
    std::optional<Timestamp> last_delivered;
    std::size_t in_flight = 0;
    std::size_t set_aside =
        0;  ///< failing events that wait for their next attempt, and those held behind them
    std::optional<Timestamp> next_attempt;  ///< of the first failing event, or of the probe
    bool is_at_head = false;                ///< nothing is left to read from the log
    std::size_t waiting = 0;                ///< read from the log, not sent yet
    /// created_at of the oldest event that the cursor has not passed; while none of them is in memory yet, a
    /// time not after it. Nothing when there is none.
    std::optional<Timestamp> oldest;
    double delivered_per_second = 0;  ///< over the last minute
    std::optional<FailingHead> head;  ///< of a strict stream
};

/// Looks a running stream up; nothing when this node does not run it. Any thread, never blocks for long.
using StreamStatusLookup = std::function<std::optional<StreamStatus>(StreamId)>;

}  // namespace headwater
