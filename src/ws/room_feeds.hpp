#pragma once

#include <string>
#include <unordered_map>

#include "core/live_shard.hpp"
#include "core/room_feed.hpp"
#include "core/room_store.hpp"

namespace headwater::ws {

class RoomFeedSession;

/// The open room feeds of one io thread, by user: tells each of what changes, between the right two messages.
/// The thread's own; the shard outlives it.
class RoomFeeds {
  public:
    RoomFeeds(LiveShard& live, LoadRooms load);
    RoomFeeds(const RoomFeeds&) = delete;
    RoomFeeds& operator=(const RoomFeeds&) = delete;

    /// False when the user has kMaxFeeds here already: each of them remembers all its rooms.
    [[nodiscard]] bool join(RoomFeedSession& session);
    void leave(const RoomFeedSession& session);
    [[nodiscard]] const LoadRooms& load() const { return load_; }
    [[nodiscard]] RoomAudience& audience() { return audience_; }

  private:
    static constexpr std::size_t kMaxFeeds = 20;

    void on_event(const Event& event);
    void on_missed();

    const LoadRooms load_;
    RoomAudience audience_;
    std::unordered_multimap<std::string, RoomFeedSession*> sessions_;  ///< by user
};

}  // namespace headwater::ws
