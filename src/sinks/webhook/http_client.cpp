#include "sinks/webhook/http_client.hpp"

#include <algorithm>
#include <utility>

#include "core/work_pool.hpp"
#include "sinks/settle.hpp"
#include "sinks/webhook/webhook_answer.hpp"

namespace headwater::sinks {
namespace {

constexpr std::chrono::milliseconds kLookInterval{100};        // for requests that are late
constexpr std::chrono::milliseconds kIdleLookInterval{1'000};  // while none is under way
constexpr std::chrono::seconds kIdleLimit{60};
constexpr int kMaxRepeats = 5;
constexpr std::chrono::milliseconds kToldWithin{1};

}  // namespace

HttpClient::HttpClient(AddressGuard guard)
    : guard_(std::move(guard)),
      connector_(guard_),
      max_connections_(max_connections()),
      thread_([this](const std::stop_token& stop) {
          name_this_thread("webhooks-http");
          run(stop);
      }) {}

HttpClient::~HttpClient() {
    thread_.request_stop();
    queue_.wake();
    thread_.join();
}

void HttpClient::run(const std::stop_token& stop) {
    poller_.add(queue_.wake_fd(), EPOLLIN, {.ptr = nullptr});
    poller_.add(connector_.fd(), EPOLLIN, {.ptr = nullptr});
    while (!stop.stop_requested()) {
        const auto events = poller_.wait(next_wake());
        now_ = std::chrono::steady_clock::now();
        signing_time_ = signing_time();
        for (const epoll_event& event : events) {
            if (event.data.ptr != nullptr)
                on_event(*static_cast<HttpConnection*>(event.data.ptr), event.events);
        }
        if (connector_.size() > 0) {
            connector_.turn([this](SinkKey sink, TimePoint begun, HttpConnector::Outcome outcome) {
                on_connected(sink, begun, std::move(outcome));
            });
        }
        auto work = queue_.take();
        for (WebhookTask& task : work.tasks) take(std::move(task));
        for (auto& closing : work.closings) {
            tell_settled();
            abandon(closing.sink);
            closing.done.set_value();
        }
        end_what_is_late();
        serve_starved();
        if (must_tell_ || now_ >= tell_at_) tell_settled();
        closed_.clear();
    }
    tell_settled();
    abandon_all();
}

std::optional<HttpClient::TimePoint> HttpClient::next_wake() const {
    TimePoint wake = tell_at_;
    if (const auto timer = connector_.next_timer()) wake = std::min(wake, *timer);
    if (busy_ > 0 || !idle_.is_empty()) wake = std::min(wake, next_look_);
    return wake == TimePoint::max() ? std::nullopt : std::optional(wake);
}

void HttpClient::take(WebhookTask task) {
    const SinkKey sink = task.sink;
    const auto [entry, is_new] = lanes_.try_emplace(sink);
    Lane& lane = entry->second;
    if (is_new) {
        lane.target = task.target;
        lane.url = task.target->uri.scheme + "://" + task.target->uri.authority() + "/";
    }
    lane.waiting.push_back({std::move(task)});
    advance(sink, lane);
}

/// Sends what waits as long as there are idle connections, and opens one for each of the others.
void HttpClient::advance(SinkKey sink, Lane& lane) {
    while (lane.may_begin()) {
        HttpConnection* connection = idle_.take(lane.url);
        if (connection == nullptr) break;
        begin(lane, *connection, now_);
    }
    connect(sink, lane);
}

void HttpClient::connect(SinkKey sink, Lane& lane) {
    while (lane.connecting < lane.waiting.size() &&
           lane.busy + lane.connecting < lane.target->to.max_in_flight) {
        if (!make_room()) {
            if (!std::exchange(lane.is_starved, true)) starved_.push_back(sink);
            return;
        }
        connector_.begin(lane.url, lane.target->to.timeout, sink);
        ++lane.connecting;
    }
}

bool HttpClient::make_room() {
    if (connections_.size() + connector_.size() < max_connections_) return true;
    HttpConnection* idle = idle_.oldest();
    if (idle == nullptr) return false;
    idle_.remove(*idle);
    close(*idle);
    return true;
}

/// An attempt to connect that fails is one event's attempt.
void HttpClient::on_connected(SinkKey sink, TimePoint begun, HttpConnector::Outcome outcome) {
    const auto found = lanes_.find(sink);
    if (found == lanes_.end()) return;
    Lane& lane = found->second;
    --lane.connecting;
    if (outcome) {
        auto connection = std::make_unique<HttpConnection>(std::move(*outcome), lane.url);
        HttpConnection& opened = *connections_.emplace(connection.get(), std::move(connection)).first->second;
        poller_.add(opened.fd(), EPOLLIN, {.ptr = &opened});
        if (lane.may_begin()) {
            begin(lane, opened, begun);
        } else {
            idle_.put(opened, now_);
        }
    } else if (!lane.waiting.empty()) {
        HttpExchange exchange = std::move(lane.waiting.front());
        lane.waiting.pop_front();
        DeliveryResult result = failure(std::move(outcome.error()));
        result.duration = std::chrono::duration_cast<std::chrono::microseconds>(now_ - begun);
        settle(lane, std::move(exchange), std::move(result));
    }
    connect(sink, lane);
}

void HttpClient::begin(Lane& lane, HttpConnection& connection, TimePoint begun) {
    HttpExchange exchange = std::move(lane.waiting.front());
    lane.waiting.pop_front();
    exchange.begun = begun;
    ++lane.busy;
    if (busy_++ == 0) next_look_ = std::min(next_look_, now_ + kLookInterval);
    note(connection, connection.begin(std::move(exchange), signing_time_));
}

void HttpClient::on_event(HttpConnection& connection, std::uint32_t events) {
    if (connection.is_closed()) return;
    if (!connection.is_busy()) {  // the peer closes, or says what nobody asked for
        idle_.remove(connection);
        return close(connection);
    }
    if ((events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0) {
        const Progress progress = connection.receive(buffer_);
        if (progress != Progress::waiting) return note(connection, progress);
    }
    if ((events & EPOLLOUT) != 0) note(connection, connection.send());
}

void HttpClient::note(HttpConnection& connection, Progress progress) {
    const bool is_sending = progress == Progress::sending;
    if (std::exchange(connection.is_watched_out, is_sending) != is_sending)
        poller_.change(connection.fd(), is_sending ? EPOLLIN | EPOLLOUT : EPOLLIN, {.ptr = &connection});
    switch (progress) {
        case Progress::sending:
        case Progress::waiting:
            return;
        case Progress::lost:
            if (connection.was_dead()) return repeat(connection);
            return finish(connection, connection.result(now_));
        case Progress::answered:
            return finish(connection, connection.result(now_));
    }
}

void HttpClient::finish(HttpConnection& connection, DeliveryResult result) {
    const SinkKey sink = connection.sink();
    const bool is_kept = connection.is_kept();
    Lane& lane = lanes_.find(sink)->second;
    settle(lane, connection.take_exchange(), std::move(result));
    --lane.busy;
    --busy_;
    if (!is_kept) {
        close(connection);
        return advance(sink, lane);
    }
    if (lane.may_begin()) return begin(lane, connection, now_);
    idle_.put(connection, now_);
}

/// While enough waits at hand, whoever gives more need not be woken yet.
void HttpClient::settle(const Lane& lane, HttpExchange exchange, DeliveryResult result) {
    if (settled_.empty()) tell_at_ = now_ + kToldWithin;
    must_tell_ |= lane.waiting.size() <= 1 + lane.target->to.max_in_flight / 2;
    settled_.emplace_back(std::move(exchange.task.delivery), std::move(result));
}

/// All at once: whoever is told of one is woken, and finds the others there.
void HttpClient::tell_settled() {
    for (auto& [delivery, result] : settled_) delivery.settle(std::move(result));
    settled_.clear();
    must_tell_ = false;
    tell_at_ = TimePoint::max();
}

/// The peer had closed a connection that was kept, most likely all of them.
void HttpClient::repeat(HttpConnection& connection) {
    const SinkKey sink = connection.sink();
    Lane& lane = lanes_.find(sink)->second;
    DeliveryResult result = connection.result(now_);
    HttpExchange exchange = connection.take_exchange();
    close(connection);
    --lane.busy;
    --busy_;
    while (HttpConnection* other = idle_.take(lane.url)) close(*other);
    if (++exchange.repeats > kMaxRepeats) {
        settle(lane, std::move(exchange), std::move(result));
    } else {
        lane.waiting.push_front(std::move(exchange));
    }
    advance(sink, lane);
}

/// The connection must not be among the idle ones any more.
void HttpClient::close(HttpConnection& connection) {
    connection.close();
    closed_.push_back(std::move(connections_.extract(&connection).mapped()));
}

void HttpClient::serve_starved() {
    for (const SinkKey sink : std::exchange(starved_, {})) {
        const auto found = lanes_.find(sink);
        if (found == lanes_.end()) continue;
        found->second.is_starved = false;
        advance(sink, found->second);
    }
}

void HttpClient::end_what_is_late() {
    if (now_ < next_look_) return;
    next_look_ = now_ + (busy_ > 0 ? kLookInterval : kIdleLookInterval);
    std::vector<HttpConnection*> late;
    for (const auto& [connection, owned] : connections_) {
        if (connection->is_busy() && connection->deadline() <= now_) late.push_back(connection);
    }
    for (HttpConnection* connection : late) {
        DeliveryResult result = connection->result(now_);
        result.reason = kNotInTime;
        finish(*connection, std::move(result));
    }
    while (HttpConnection* idle = idle_.oldest()) {
        if (idle->idle_since + kIdleLimit > now_) break;
        idle_.remove(*idle);
        close(*idle);
    }
}

void HttpClient::abandon(SinkKey sink) {
    const auto found = lanes_.find(sink);
    if (found == lanes_.end()) return;
    std::vector<HttpConnection*> its;
    for (const auto& [connection, owned] : connections_) {
        if (connection->is_busy() && connection->sink() == sink) its.push_back(connection);
    }
    for (HttpConnection* connection : its) {
        HttpExchange exchange = connection->take_exchange();
        settle_unavailable(exchange.task.delivery, kSinkClosed);
        --busy_;
        close(*connection);
    }
    for (HttpExchange& exchange : found->second.waiting)
        settle_unavailable(exchange.task.delivery, kSinkClosed);
    lanes_.erase(found);
}

void HttpClient::abandon_all() {
    auto work = queue_.take();
    for (WebhookTask& task : work.tasks) settle_unavailable(task.delivery, kSinkClosed);
    while (!lanes_.empty()) abandon(lanes_.begin()->first);
    for (auto& closing : work.closings) closing.done.set_value();
}

}  // namespace headwater::sinks
