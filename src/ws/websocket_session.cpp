#include "ws/websocket_session.hpp"

#include <algorithm>

#include "core/json_text.hpp"
#include "ws/client_message.hpp"
#include "ws/live_encoders.hpp"
#include "ws/live_texts.hpp"
#include "ws/session_shard.hpp"

namespace headwater::ws {
namespace {

LiveChunk text_frame(std::string_view text) {
    LiveChunk frame;
    append_frame(frame, Opcode::text, text);
    return frame;
}

LiveChunk close_frame(CloseCode code, std::string_view reason) {
    LiveChunk frame;
    append_close(frame, code, reason);
    return frame;
}

}  // namespace

WebSocketSession::WebSocketSession(SessionShard& shard, std::uint64_t id, Arrival& arrival)
    : Session(shard, id, arrival),
      parser_(shard.options().max_message_bytes),
      next_ping_(shard.now() + shard.options().ping_interval) {}

const LiveEncoder& WebSocketSession::encoder() const {
    return websocket_encoder();
}

LiveChunk WebSocketSession::start_frame(const LiveStart& start) const {
    return text_frame(start_text(start));
}

LiveChunk WebSocketSession::cursor_frame(Position cursor) const {
    return text_frame(cursor_text(cursor));
}

LiveChunk WebSocketSession::farewell(Farewell why, Position cursor) {
    switch (why) {
        case Farewell::slow_consumer:
            return close_frame(CloseCode::slow_consumer, to_string(cursor));
        case Farewell::restart:
            return close_frame(CloseCode::restart, "The server restarts.");
        case Farewell::unavailable:
            return close_frame(CloseCode::try_again_later, "The log cannot be read now.");
        case Farewell::overloaded:
            return close_frame(CloseCode::try_again_later, "There are too many connections.");
        case Farewell::unwelcome:
            return close_frame(CloseCode::policy_violation, "A key that is good is needed here.");
    }
    return {};
}

void WebSocketSession::on_input(std::string_view bytes) {
    if (has_peer_closed_) return;
    const auto failure = parser_.feed(bytes, *this);
    if (!failure) return;
    has_peer_closed_ = true;  // nothing more that it says can be understood
    finish(close_frame(failure->code, failure->reason), "protocol");
    peer_has_closed();
}

void WebSocketSession::on_message(std::string_view text) {
    if (!is_open()) return;
    const auto message = parse_client_message(text);
    if (awaits_key()) return on_first_message(message);
    if (!subscription()) return;
    // A client that always shows its key first is right on a server that needs none, too.
    if (message && message->kind == ClientMessage::Kind::token) return send_cursor();
    const auto change = [&]() -> std::expected<void, std::string> {
        if (!message) return std::unexpected(message.error());
        return message->kind == ClientMessage::Kind::subscribe
                   ? subscription()->subscribe(message->filters)
                   : subscription()->unsubscribe(message->filters);
    }();
    if (change) return send_cursor();
    send(text_frame("{\"error\":" + to_json_string(change.error()) + "}"));
}

void WebSocketSession::on_first_message(const std::expected<ClientMessage, std::string>& message) {
    const bool is_token = message && message->kind == ClientMessage::Kind::token;
    const auto shown =
        is_token ? show_key(message->token) : std::unexpected<std::string>("Show a key first.");
    if (!shown) finish(close_frame(CloseCode::policy_violation, shown.error()), "key");
}

void WebSocketSession::on_ping(std::string_view payload) {
    LiveChunk pong;
    append_frame(pong, Opcode::pong, payload);
    send(std::move(pong));
}

void WebSocketSession::on_pong(std::string_view) {
    pinged_at_.reset();
}

void WebSocketSession::on_close(std::optional<std::uint16_t> code) {
    has_peer_closed_ = true;
    LiveChunk answer;
    if (code) {
        append_close(answer, static_cast<CloseCode>(*code), "");
    } else {
        append_frame(answer, Opcode::close, "");
    }
    finish(std::move(answer), "client");
    peer_has_closed();
}

Session::Time WebSocketSession::on_heartbeat(Time now) {
    const LiveOptions& options = shard().options();
    if (pinged_at_ && now - *pinged_at_ >= options.pong_timeout) {
        close("ping-timeout");
        return now;
    }
    // Behind a backlog a ping would measure the backlog; the write timeout watches that.
    if (!pinged_at_ && now >= next_ping_ && is_drained()) {
        LiveChunk ping;
        append_frame(ping, Opcode::ping, "");
        send(std::move(ping));
        pinged_at_ = now;
        next_ping_ = now + options.ping_interval;
    }
    return pinged_at_ ? *pinged_at_ + options.pong_timeout : std::max(next_ping_, now);
}

}  // namespace headwater::ws
