#include "ws/session_shard.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>

namespace headwater::ws {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kWheelSlots = 64;
constexpr milliseconds kStopEvery{50};
constexpr std::chrono::microseconds kShortestPause{200};
constexpr milliseconds kLongestPause{10};
constexpr std::size_t kStopBatches = 20;

std::chrono::nanoseconds tick_for(const LiveOptions& options) {
    const auto shortest = std::min({options.ping_interval, options.pong_timeout, options.sse_comment_interval,
                                    options.cursor_interval, options.close_timeout, options.linger_timeout});
    return std::clamp<std::chrono::nanoseconds>(shortest / 10, milliseconds(2), milliseconds(500));
}

}  // namespace

SessionShard::SessionShard(boost::asio::io_context& context, LiveShard& live, const LiveOptions& options,
                           Metrics& metrics, std::atomic<std::size_t>& connections, LoadRooms load_rooms)
    : context_(context),
      live_(live),
      rooms_(std::make_shared<RoomFeeds>(live, std::move(load_rooms))),
      options_(options),
      metrics_(metrics),
      connections_(connections),
      tick_(tick_for(options)),
      wheel_(tick_, kWheelSlots, std::chrono::steady_clock::now()),
      timer_(context),
      sweep_timer_(context),
      stop_timer_(context),
      now_(std::chrono::steady_clock::now()) {}

SessionShard::~SessionShard() = default;

LiveExecutor SessionShard::executor() const {
    return [&context = context_](auto work) { boost::asio::post(context, std::move(work)); };
}

void SessionShard::open(std::shared_ptr<Session> session, std::string_view head, const Arrival& arrival) {
    now_ = std::chrono::steady_clock::now();
    sessions_.emplace(session->id(), session);
    metrics_.live_opened(session->kind());
    ++connections_;
    if (session->is_one_too_many() || is_stopping_) {
        session->turn_away(head, is_stopping_ ? Farewell::restart : Farewell::overloaded);
    } else {
        session->start(head, arrival.live, arrival.early);
        schedule(*session, now_);
    }
    start_ticking();
}

void SessionShard::ended(const Session& session, std::string_view reason) {
    metrics_.live_closed(session.kind(), reason);
}

void SessionShard::drop(const Session& session) {
    if (sessions_.erase(session.id()) > 0) --connections_;
}

void SessionShard::mark(Session& session) {
    if (session.is_marked) return;
    session.is_marked = true;
    marked_.push_back(session.shared_from_this());
    schedule_sweep();
}

void SessionShard::schedule_sweep() {
    if (is_sweep_scheduled_) return;
    is_sweep_scheduled_ = true;
    if (std::chrono::steady_clock::now() + kShortestPause >= next_sweep_) return post_flush();
    sweep_timer_.expires_at(next_sweep_);
    sweep_timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
        if (!error) self->flush_some();
    });
}

void SessionShard::post_flush() {
    boost::asio::post(context_, [self = shared_from_this()] { self->flush_some(); });
}

// Some at a time: in between, the thread serves requests, and what new events add to the others goes out in
// the same write. A sweep that took long is followed by a pause as long: events gather meanwhile, and each
// write carries more of them.
void SessionShard::flush_some() {
    now_ = std::chrono::steady_clock::now();
    if (flushed_ == 0) {
        sweep_began_ = now_;
        sweep_size_ = marked_.size();
    }
    const std::size_t until = std::min(sweep_size_, flushed_ + kFlushesPerTurn);
    while (flushed_ < until) {
        const auto session = std::move(marked_[flushed_++]);
        session->is_marked = false;
        session->flush();
    }
    if (flushed_ < sweep_size_) return post_flush();
    end_sweep();
}

void SessionShard::end_sweep() {
    const auto now = std::chrono::steady_clock::now();
    next_sweep_ = now + std::min<std::chrono::nanoseconds>(now - sweep_began_, kLongestPause);
    marked_.erase(marked_.begin(), marked_.begin() + static_cast<std::ptrdiff_t>(flushed_));
    flushed_ = 0;
    is_sweep_scheduled_ = false;
    if (!marked_.empty()) schedule_sweep();
}

void SessionShard::schedule(Session& session, Session::Time due) {
    session.scheduled = due;
    wheel_.add({session.id(), due});
}

void SessionShard::start_ticking() {
    if (is_ticking_) return;
    is_ticking_ = true;
    timer_.expires_after(tick_);
    timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
        self->is_ticking_ = false;
        if (!error) self->tick();
    });
}

void SessionShard::tick() {
    now_ = std::chrono::steady_clock::now();
    live_.refresh();
    for (const TimerWheel::Entry& entry : wheel_.take_due(now_)) {
        const auto found = sessions_.find(entry.id);
        if (found == sessions_.end() || entry.due != found->second->scheduled) continue;
        const auto session = found->second;
        const Session::Time next = session->on_tick(now_);
        if (sessions_.contains(entry.id)) schedule(*session, next);
    }
    if (!sessions_.empty()) start_ticking();
}

void SessionShard::stop() {
    is_stopping_ = true;
    to_stop_.clear();
    for (const auto& [id, session] : sessions_) to_stop_.push_back(id);
    stop_batch_ = std::max<std::size_t>(100, to_stop_.size() / kStopBatches);
    stop_some();
}

void SessionShard::stop_some() {
    now_ = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < stop_batch_ && !to_stop_.empty(); ++i) {
        const auto found = sessions_.find(to_stop_.back());
        to_stop_.pop_back();
        if (found == sessions_.end()) continue;
        const auto session = found->second;
        session->end(Farewell::restart);
    }
    if (to_stop_.empty()) return;
    stop_timer_.expires_after(kStopEvery);
    stop_timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
        if (!error) self->stop_some();
    });
}

void SessionShard::end_unwelcome(bool is_server_open) {
    now_ = std::chrono::steady_clock::now();
    std::vector<std::shared_ptr<Session>> unwelcome;
    for (const auto& [id, session] : sessions_) {
        if (session->is_unwelcome(is_server_open)) unwelcome.push_back(session);
    }
    for (const auto& session : unwelcome) session->end(Farewell::unwelcome);
}

void SessionShard::close_all() {
    is_stopping_ = true;
    timer_.cancel();
    stop_timer_.cancel();
    while (!sessions_.empty()) {
        const auto session = sessions_.begin()->second;
        session->close("restart");
    }
}

milliseconds SessionShard::draw_retry() {
    std::uniform_int_distribution<milliseconds::rep> draw(options_.retry_min.count(),
                                                          options_.retry_max.count());
    return milliseconds(draw(random_));
}

}  // namespace headwater::ws
