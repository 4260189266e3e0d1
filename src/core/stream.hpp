#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/ids.hpp"
#include "core/time.hpp"
#include "core/type_filter.hpp"

namespace headwater {

/// How far a stream has come. Both halves move together; reads are bounded by the time so that PostgreSQL
/// prunes partitions.
struct Cursor {
    Position position;
    Timestamp at;  ///< created_at of the event at `position`, or a time not after the next event's
    friend auto operator<=>(const Cursor&, const Cursor&) = default;
};

enum class StreamOrder { loose, subject, strict };
/// running: delivering or idle at the head; retrying: a failing event waits for its next attempt; paused: by
/// an operator or by the destination; blocked: the destination is away and the cursor waits.
enum class StreamState { running, retrying, paused, blocked };

[[nodiscard]] std::string_view to_string(StreamOrder order);
[[nodiscard]] std::string_view to_string(StreamState state);
[[nodiscard]] std::optional<StreamOrder> parse_stream_order(std::string_view text);
[[nodiscard]] std::optional<StreamState> parse_stream_state(std::string_view text);

/// Where a new stream begins.
struct StreamStart {
    enum class Kind { now, beginning, after };
    Kind kind = Kind::now;
    Position after{};  ///< exclusive, when kind is after
};

/// What a client asks for: a registration's stream, or a stream of its own over many types.
struct StreamDefinition {
    std::string name;    ///< unique within its owner; derived from the destination when the client gave none
    std::string source;  ///< the sink's name: "rabbit", "webhook", …
    std::string destination;  ///< the sink's own options as canonical JSON, secrets included; the sink made
                              ///< and validated it
    StreamOrder order = StreamOrder::loose;
    TypeFilter types;   ///< of a stream of its own; unused when it belongs to a registration
    StreamStart start;  ///< counts only when the stream is new
};

/// A stored stream.
struct Stream {
    StreamId id;
    std::string owner_type;  ///< the event type that it belongs to; "" for a stream of its own
    StreamDefinition definition;
    bool is_paused = false;
    Cursor cursor;           ///< as last saved
    Position start;          ///< where it began: events at or below were there before it was
    std::int64_t epoch = 0;  ///< fencing: a cursor update carries the epoch under which it was read
    std::int64_t version = 1;
    Timestamp created_at;
    Timestamp updated_at;

    [[nodiscard]] bool wants(std::string_view type) const {
        return owner_type.empty() ? definition.types.matches(type) : owner_type == type;
    }
};

}  // namespace headwater
