#include "ws/room_feeds.hpp"

#include <ranges>
#include <utility>

#include "ws/room_feed_session.hpp"

namespace headwater::ws {

RoomFeeds::RoomFeeds(LiveShard& live, LoadRooms load) : load_(std::move(load)) {
    live.watch({.type = std::string(kRoomAccess),
                .on_event = [this](const EventPtr& event) { on_event(*event); },
                .on_missed = [this] { on_missed(); }});
}

bool RoomFeeds::join(RoomFeedSession& session) {
    if (sessions_.count(session.user()) >= kMaxFeeds) return false;
    sessions_.emplace(session.user(), &session);
    return true;
}

void RoomFeeds::leave(const RoomFeedSession& session) {
    const auto [begin, end] = sessions_.equal_range(session.user());
    for (auto one = begin; one != end; ++one) {
        if (one->second != &session) continue;
        sessions_.erase(one);
        return;
    }
}

void RoomFeeds::on_event(const Event& event) {
    const auto change = RoomAccessChange::parse(event.payload());
    if (!change) return;
    if (change->kind == RoomAccessChange::Kind::removed) {
        for (RoomFeedSession* session : sessions_ | std::views::values) session->apply(*change);
        return;
    }
    const auto [begin, end] = sessions_.equal_range(change->user);
    for (auto one = begin; one != end; ++one) one->second->apply(*change);
}

/// Changes may be among what was missed: they come back and are told of their rooms anew.
void RoomFeeds::on_missed() {
    for (RoomFeedSession* session : sessions_ | std::views::values) session->end_soon(Farewell::restart);
}

}  // namespace headwater::ws
