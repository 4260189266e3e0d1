#include "ws/live_encoders.hpp"

#include <string_view>

#include "ws/websocket_frame.hpp"

namespace headwater::ws {
namespace {

constexpr std::string_view kLineEnds = "\r\n";

// A receiver joins data lines with a line feed, which in JSON is worth as much as the line end that stood
// there.
void append_data_lines(LiveChunk& out, std::string_view json) {
    while (true) {
        const std::size_t end = json.find_first_of(kLineEnds);
        out.append("data: ");
        out.append(json.substr(0, end));
        out.append("\n");
        if (end == std::string_view::npos) return;
        json.remove_prefix(end + (json.substr(end).starts_with("\r\n") ? 2 : 1));
    }
}

}  // namespace

void WebSocketEncoder::encode(const EventPtr& event, LiveChunk& out) const {
    append_frame_header(out, Opcode::text, event->json.size());
    out.append_json(event);
    out.count_event(event->id);
}

void SseEncoder::encode(const EventPtr& event, LiveChunk& out) const {
    if (!event->is_ephemeral) out.append("id: " + to_string(event->id) + "\n");
    if (naming_ == Naming::named) out.append("event: " + event->type + "\n");
    if (event->payload().find_first_of(kLineEnds) == std::string_view::npos) {
        out.append("data: ");
        out.append_json(event);
        out.append("\n");
    } else {
        append_data_lines(out, event->json);
    }
    out.append("\n");
    out.count_event(event->id);
}

const LiveEncoder& websocket_encoder() {
    static const WebSocketEncoder kEncoder;
    return kEncoder;
}

const LiveEncoder& sse_encoder(SseEncoder::Naming naming) {
    static const SseEncoder kUnnamed(SseEncoder::Naming::unnamed);
    static const SseEncoder kNamed(SseEncoder::Naming::named);
    return naming == SseEncoder::Naming::named ? kNamed : kUnnamed;
}

}  // namespace headwater::ws
