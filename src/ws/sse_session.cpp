#include "ws/sse_session.hpp"

#include "ws/live_encoders.hpp"
#include "ws/live_texts.hpp"
#include "ws/session_shard.hpp"

namespace headwater::ws {
namespace {

using Naming = SseEncoder::Naming;

LiveChunk text(std::string_view bytes) {
    LiveChunk chunk;
    chunk.append(bytes);
    return chunk;
}

}  // namespace

std::string event_stream_head(std::string_view request_id, std::string_view head_fields) {
    return "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n"
           "X-Accel-Buffering: no\r\nConnection: close\r\nX-Request-Id: " +
           std::string(request_id) + "\r\n" + std::string(head_fields) + "\r\n:\n\n";
}

SseSession::SseSession(SessionShard& shard, std::uint64_t id, Arrival& arrival)
    : SseSession(shard, id, arrival, sse_encoder(arrival.live.is_named ? Naming::named : Naming::unnamed)) {}

SseSession::SseSession(SessionShard& shard, std::uint64_t id, Arrival& arrival, const LiveEncoder& encoder)
    : Session(shard, id, arrival),
      encoder_(encoder),
      next_comment_(shard.now() + shard.options().sse_comment_interval) {}

LiveChunk SseSession::start_frame(const LiveStart& start) const {
    return text("event: cursor\nid: " + to_string(start.cursor) + "\ndata: " + start_text(start) + "\n\n");
}

LiveChunk SseSession::cursor_frame(Position cursor) const {
    return text("id: " + to_string(cursor) + "\n\n");
}

// EventSource comes back by itself, with the last id that it has seen.
LiveChunk SseSession::farewell(Farewell why, Position) {
    if (why == Farewell::unwelcome) return {};  // there is nothing to come back for
    return text("retry: " + std::to_string(shard().draw_retry().count()) + "\n\n");
}

Session::Time SseSession::on_heartbeat(Time now) {
    if (now >= next_comment_ && is_drained()) {
        send(text(":\n\n"));
        next_comment_ = now + shard().options().sse_comment_interval;
    }
    return std::max(next_comment_, now);
}

}  // namespace headwater::ws
