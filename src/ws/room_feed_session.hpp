#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/room_feed.hpp"
#include "ws/room_feeds.hpp"
#include "ws/sse_session.hpp"

namespace headwater::ws {

/// An event stream of all the rooms that one user is subscribed to. The rooms are loaded first; whatever
/// changes meanwhile and afterwards comes with the log.
class RoomFeedSession final : public SseSession {
  public:
    RoomFeedSession(SessionShard& shard, std::uint64_t id, Arrival& arrival);
    ~RoomFeedSession() override;

    [[nodiscard]] const std::string& user() const { return feed_.user(); }
    void apply(const RoomAccessChange& change);

  private:
    void subscribe(const LiveRequest& request) override;
    [[nodiscard]] LiveChunk start_frame(const LiveStart& start) const override;
    [[nodiscard]] Time on_heartbeat(Time now) override;
    void begin_rooms(const std::optional<std::vector<RoomName>>& rooms);

    const std::shared_ptr<RoomFeeds> rooms_;
    RoomFeed feed_;
    std::optional<Position> since_;
    Time until_ = Time::max();  ///< when its token ends
    bool has_joined_ = false;
};

}  // namespace headwater::ws
