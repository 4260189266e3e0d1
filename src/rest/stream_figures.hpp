#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/event.hpp"
#include "core/event_log.hpp"
#include "core/stream.hpp"
#include "core/stream_status.hpp"
#include "rest/services.hpp"

namespace headwater::rest {

/// How far a stream is behind.
struct StreamLag {
    std::int64_t events = 0;
    bool is_at_least = false;  ///< counting stopped at 10,000
    double seconds = 0;        ///< age of the oldest event that waits
};

/// How a stream stands: as it is when this node runs it, else as it was last stored.
struct StreamFigures {
    StreamState state = StreamState::running;
    Timestamp since;
    Cursor cursor;
    Cursor saved;  ///< the stored cursor: everything at or below is settled or has a row
    std::string last_error;
    std::string node;                    ///< the label of the node that runs it; "" when nobody does
    std::int64_t expired = 0;            ///< events that expired before they were delivered
    std::optional<StreamStatus> status;  ///< when this node runs it
    std::optional<StreamLag> lag;        ///< when they were asked for
    std::optional<std::int64_t> dead;    ///< the same; counted to 10,000
};

/// standing: what two statements for all streams tell; everything: also what takes some for each.
enum class FigureDepth { standing, everything };

/// In the order of the streams. Blocking; throws Unavailable.
[[nodiscard]] std::vector<StreamFigures> figures_of(const Services& services,
                                                    std::span<const Stream* const> streams,
                                                    FigureDepth depth);
[[nodiscard]] StreamFigures figures_of(const Services& services, const Stream& stream);

/// A read of the events that the stream wants, which must outlive it; bounds are the caller's.
[[nodiscard]] LogRead read_of(const Stream& stream);

/// The first event behind the cursor that the stream wants. Blocking; throws Unavailable.
[[nodiscard]] std::optional<EventPtr> next_event(const Services& services, const Stream& stream,
                                                 const Cursor& cursor);

}  // namespace headwater::rest
