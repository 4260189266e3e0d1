#pragma once

#include <string>

#include "core/inbox.hpp"
#include "ws/sse_session.hpp"

namespace headwater::ws {

/// One SSE message per element of a monitor.user event's messages. Follows the inbox's life and leaves out
/// what its reader has seen; so it belongs to one session, and its events come once and in order.
class InboxEncoder final : public LiveEncoder {
  public:
    InboxEncoder(InboxReader reader, InboxLife& life) : reader_(std::move(reader)), life_(life) {}
    void encode(const EventPtr& event, LiveChunk& out) const override;

  private:
    const InboxReader reader_;
    InboxLife& life_;
};

/// An event stream of one inbox: its history, then live, until it has closed.
class InboxSession final : public SseSession {
  public:
    InboxSession(SessionShard& shard, std::uint64_t id, Arrival& arrival);
    ~InboxSession() override;

  private:
    [[nodiscard]] const LiveEncoder& encoder() const override { return encoder_; }
    [[nodiscard]] LiveChunk start_frame(const LiveStart& start) const override;
    [[nodiscard]] LiveChunk cursor_frame(Position cursor) const override;
    [[nodiscard]] Time on_heartbeat(Time now) override;
    [[nodiscard]] LiveChunk closed_frame() const;

    const InboxReader reader_;
    InboxLife life_;
    InboxEncoder encoder_;
};

}  // namespace headwater::ws
