#pragma once

#include <string>

#include "ws/session.hpp"

namespace headwater::ws {

/// The head of an event stream: 200, no length, ends with the connection; and the first comment, which
/// flushes proxies.
[[nodiscard]] std::string event_stream_head(std::string_view request_id, std::string_view head_fields);

/// A stream of Server-Sent Events (WHATWG HTML, section 9.2). What the client sends is not looked at; its end
/// is noticed.
class SseSession : public Session {
  public:
    SseSession(SessionShard& shard, std::uint64_t id, Arrival& arrival);

    [[nodiscard]] std::string_view kind() const override { return "sse"; }

  protected:
    /// With an encoder of its own, which outlives it or is a part of it.
    SseSession(SessionShard& shard, std::uint64_t id, Arrival& arrival, const LiveEncoder& encoder);

    [[nodiscard]] const LiveEncoder& encoder() const override { return encoder_; }
    [[nodiscard]] LiveChunk start_frame(const LiveStart& start) const override;
    [[nodiscard]] LiveChunk cursor_frame(Position cursor) const override;
    [[nodiscard]] LiveChunk farewell(Farewell why, Position cursor) override;
    [[nodiscard]] Time on_heartbeat(Time now) override;

  private:
    void on_input(std::string_view) override {}

    const LiveEncoder& encoder_;
    Time next_comment_;
};

}  // namespace headwater::ws
