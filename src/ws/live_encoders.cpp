#include "ws/live_encoders.hpp"

#include <string_view>

#include "core/json_text.hpp"
#include "core/room.hpp"
#include "core/room_message.hpp"
#include "ws/websocket_frame.hpp"

namespace headwater::ws {
namespace {

constexpr std::string_view kLineEnds = "\r\n";

using Naming = SseEncoder::Naming;

/// A name in an `event:` line must not end it; what would is left out.
std::string event_name_of(std::string_view name_json) {
    std::string name;
    for (std::size_t at = 1; at + 1 < name_json.size(); ++at) {
        const char c = name_json[at];
        if (c != '\\') {
            name += c;
            continue;
        }
        const char escaped = name_json[++at];
        if (escaped == 'u') at += 4;  // only control characters are written so
        if (escaped == '"' || escaped == '\\' || escaped == '/') name += escaped;
    }
    return name;
}

}  // namespace

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

void RoomEncoder::encode(const EventPtr& event, LiveChunk& out) const {
    const auto message = RoomMessage::read(*event);
    if (!message) return;
    if (!event->is_ephemeral) out.append("id: " + to_string(event->id) + "\n");
    if (naming_ == Naming::named) out.append("event: " + event_name_of(message->name_json()) + "\n");
    std::string json = R"({"namespace":)";
    append_json_string(json, namespace_of(event->type));
    json += R"(,"room":)";
    append_json_string(json, event->subject.value_or(""));
    json.append(R"(,"event":)").append(message->name_json());
    json.append(R"(,"data":)").append(message->data()).append("}");
    append_data_lines(out, json);
    out.append("\n");
    out.count_event(event->id);
}

const LiveEncoder& websocket_encoder() {
    static const WebSocketEncoder kEncoder;
    return kEncoder;
}

const LiveEncoder& room_encoder(SseEncoder::Naming naming) {
    static const RoomEncoder kUnnamed(Naming::unnamed);
    static const RoomEncoder kNamed(Naming::named);
    return naming == Naming::named ? kNamed : kUnnamed;
}

const LiveEncoder& sse_encoder(SseEncoder::Naming naming) {
    static const SseEncoder kUnnamed(SseEncoder::Naming::unnamed);
    static const SseEncoder kNamed(SseEncoder::Naming::named);
    return naming == SseEncoder::Naming::named ? kNamed : kUnnamed;
}

}  // namespace headwater::ws
