#include "ws/room_feed_session.hpp"

#include <algorithm>
#include <memory>

#include "ws/live_encoders.hpp"
#include "ws/live_texts.hpp"
#include "ws/session_shard.hpp"

namespace headwater::ws {
namespace {

using Naming = SseEncoder::Naming;

/// How long a token is still good, counted from the moment when the session begins.
Session::Time steady_time_of(const std::optional<Timestamp>& until, Session::Time now) {
    if (!until) return Session::Time::max();
    const auto left = *until - std::chrono::system_clock::now();
    constexpr std::chrono::hours kLongest{24 * 365};
    return now +
           std::chrono::duration_cast<Session::Time::duration>(std::min<decltype(left)>(left, kLongest));
}

}  // namespace

RoomFeedSession::RoomFeedSession(SessionShard& shard, std::uint64_t id, Arrival& arrival)
    : SseSession(shard, id, arrival, room_encoder(arrival.live.is_named ? Naming::named : Naming::unnamed)),
      rooms_(shard.rooms()),
      feed_(*arrival.live.rooms, rooms_->audience()),
      since_(arrival.live.since),
      until_(steady_time_of(arrival.live.rooms->until, shard.now())) {}

RoomFeedSession::~RoomFeedSession() {
    if (has_joined_) rooms_->leave(*this);
    set_subscription(nullptr);  // it refers to the feed
}

void RoomFeedSession::subscribe(const LiveRequest& /*request*/) {
    has_joined_ = rooms_->join(*this);
    if (!has_joined_) return end_soon(Farewell::overloaded);
    set_subscription(shard().live().subscribe(feed_, encoder(), *this));
    if (!since_) since_ = subscription()->now();  // what comes while the rooms are loaded is not missed
    auto self = std::static_pointer_cast<RoomFeedSession>(shared_from_this());
    auto done = [self, back = shard().executor()](std::optional<std::vector<RoomName>> rooms) mutable {
        back([self = std::move(self), rooms = std::move(rooms)] { self->begin_rooms(rooms); });
    };
    rooms_->load()(feed_.user(), std::move(done));
}

void RoomFeedSession::begin_rooms(const std::optional<std::vector<RoomName>>& rooms) {
    if (!is_open() || subscription() == nullptr) return;
    if (!rooms) return history_failed();
    feed_.load(*rooms);
    subscription()->start(since_);
}

void RoomFeedSession::apply(const RoomAccessChange& change) {
    if (subscription() == nullptr) return;
    feed_.apply(change,
                {.added = [this](const LiveFilter& place) { subscription()->place_added(place); },
                 .removed = [this](const LiveFilter& place) { subscription()->place_removed(place); }});
}

/// Messages alone have a name or data: the cursor comes silently, and a gap is told by name.
LiveChunk RoomFeedSession::start_frame(const LiveStart& start) const {
    LiveChunk frame = cursor_frame(start.cursor);
    if (start.has_gap) frame.append("event: gap\ndata: " + start_text(start) + "\n\n");
    return frame;
}

Session::Time RoomFeedSession::on_heartbeat(Time now) {
    if (now >= until_) {
        end(Farewell::restart);
        return now;
    }
    return std::min(SseSession::on_heartbeat(now), until_);
}

}  // namespace headwater::ws
