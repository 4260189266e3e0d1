#pragma once

#include <expected>
#include <optional>
#include <string>

#include "ws/client_message.hpp"
#include "ws/frame_parser.hpp"
#include "ws/session.hpp"

namespace headwater::ws {

/// A WebSocket whose handshake was accepted: frames events, takes changes of the filters, pings, closes by
/// the book.
class WebSocketSession final : public Session, private FrameParser::Handler {
  public:
    WebSocketSession(SessionShard& shard, std::uint64_t id, Arrival& arrival);

    [[nodiscard]] std::string_view kind() const override { return "ws"; }

  private:
    [[nodiscard]] const LiveEncoder& encoder() const override;
    [[nodiscard]] LiveChunk start_frame(const LiveStart& start) const override;
    [[nodiscard]] LiveChunk cursor_frame(Position cursor) const override;
    [[nodiscard]] LiveChunk farewell(Farewell why, Position cursor) override;
    void on_input(std::string_view bytes) override;
    [[nodiscard]] Time on_heartbeat(Time now) override;
    [[nodiscard]] bool awaits_peer() const override { return !has_peer_closed_; }

    void on_message(std::string_view text) override;
    void on_first_message(const std::expected<ClientMessage, std::string>& message);
    void on_ping(std::string_view payload) override;
    void on_pong(std::string_view payload) override;
    void on_close(std::optional<std::uint16_t> code) override;

    FrameParser parser_;
    bool has_peer_closed_ = false;
    Time next_ping_;
    std::optional<Time> pinged_at_;  ///< while its pong is awaited
};

}  // namespace headwater::ws
