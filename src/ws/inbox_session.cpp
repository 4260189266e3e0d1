#include "ws/inbox_session.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "ws/live_encoders.hpp"
#include "ws/session_shard.hpp"

namespace headwater::ws {
namespace {

Timestamp wall_now() {
    return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

}  // namespace

void InboxEncoder::encode(const EventPtr& event, LiveChunk& out) const {
    if (event->type != kInboxMessages) {
        life_.apply(event->type, event->id, event->created_at);
        return out.reach(event->id);
    }
    if (!life_.takes(event->created_at)) return out.reach(event->id);
    const std::vector<std::string> messages = inbox_messages(event->payload());
    for (std::size_t n = event->id == reader_.seen_event ? reader_.seen_messages : 0; n < messages.size();
         ++n) {
        out.append("id: " + to_string(InboxPlace{.event = event->id, .message = n + 1}) + "\n");
        append_data_lines(out, messages[n]);
        out.append("\n");
        out.count_event(event->id);
    }
    out.reach(event->id);
}

InboxSession::InboxSession(SessionShard& shard, std::uint64_t id, Arrival& arrival)
    : SseSession(shard, id, arrival),
      reader_(*arrival.live.inbox),
      life_(reader_.life),
      encoder_(reader_, life_) {}

InboxSession::~InboxSession() {
    set_subscription(nullptr);  // it refers to the encoder
}

/// Messages alone have data: the cursor comes silently.
LiveChunk InboxSession::start_frame(const LiveStart& start) const {
    return cursor_frame(start.cursor);
}

LiveChunk InboxSession::cursor_frame(Position cursor) const {
    if (cursor >= reader_.seen_event) return SseSession::cursor_frame(cursor);
    LiveChunk frame;
    frame.append(
        "id: " + to_string(InboxPlace{.event = reader_.seen_event, .message = reader_.seen_messages}) +
        "\n\n");
    return frame;
}

/// It ends once its grace is over and everything before has been written. A closing that has only come now is
/// seen here within a tick.
Session::Time InboxSession::on_heartbeat(Time now) {
    const Time beat = SseSession::on_heartbeat(now);
    const auto& closing = life_.closing();
    if (!closing || subscription() == nullptr || !subscription()->is_live())
        return std::min(beat, now + shard().tick_length());
    const auto left = closing->ends - wall_now();
    if (left > left.zero())
        return std::min(beat, now + std::min<Time::duration>(left, shard().tick_length()));
    if (!is_drained()) return now + shard().tick_length();
    finish(closed_frame(), "closed");
    return now;
}

LiveChunk InboxSession::closed_frame() const {
    const InboxLife::Closing& closing = *life_.closing();
    LiveChunk frame;
    frame.append("id: " + to_string(InboxPlace{.event = closing.event, .is_closing = true}) +
                 "\nevent: closed\ndata: {\"outcome\":\"" + (closing.is_error ? "error" : "done") +
                 "\"}\n\n");
    return frame;
}

}  // namespace headwater::ws
