#pragma once

#include <array>
#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "sinks/poller.hpp"
#include "sinks/task_queue.hpp"
#include "sinks/webhook/http_connection.hpp"
#include "sinks/webhook/http_connector.hpp"
#include "sinks/webhook/idle_connections.hpp"

namespace headwater::sinks {

/// Posts events to plain http:// addresses, over connections that are kept and shared by the sinks of one
/// host: one thread, and two system calls for an event. Of each sink as many requests are under way as it
/// allows; what it was given beyond waits here. Thread-safe.
class HttpClient {
  public:
    static constexpr bool kKeepsToLimit = true;  ///< of requests under way for a sink; the others wait here

    explicit HttpClient(AddressGuard guard);
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    [[nodiscard]] SinkKey new_sink() { return queue_.new_sink(); }
    void deliver(WebhookTask task) { queue_.deliver(std::move(task)); }
    /// Ends this sink's requests and settles them as unavailable; waits until that is done, a few seconds at
    /// most.
    void close_sink(SinkKey sink) { queue_.close(sink); }

  private:
    using TimePoint = std::chrono::steady_clock::time_point;
    using Progress = HttpConnection::Progress;
    /// One sink's events.
    struct Lane {
        std::shared_ptr<const WebhookTarget> target;
        std::string url;  ///< scheme, host and port: what is connected to
        std::deque<HttpExchange> waiting;
        std::size_t busy = 0;
        std::size_t connecting = 0;
        bool is_starved = false;  ///< it waits for a connection of others to end

        [[nodiscard]] bool may_begin() const { return !waiting.empty() && busy < target->to.max_in_flight; }
    };

    void run(const std::stop_token& stop);
    void on_event(HttpConnection& connection, std::uint32_t events);
    void on_connected(SinkKey sink, TimePoint begun, HttpConnector::Outcome outcome);
    void take(WebhookTask task);
    void advance(SinkKey sink, Lane& lane);
    void connect(SinkKey sink, Lane& lane);
    void begin(Lane& lane, HttpConnection& connection, TimePoint begun);
    void note(HttpConnection& connection, Progress progress);
    void finish(HttpConnection& connection, DeliveryResult result);
    void settle(const Lane& lane, HttpExchange exchange, DeliveryResult result);
    void tell_settled();
    void repeat(HttpConnection& connection);
    void close(HttpConnection& connection);
    [[nodiscard]] bool make_room();
    void serve_starved();
    void end_what_is_late();
    void abandon(SinkKey sink);
    void abandon_all();
    [[nodiscard]] std::optional<TimePoint> next_wake() const;

    AddressGuard guard_;
    TaskQueue<WebhookTask> queue_;

    // The rest belongs to the thread.
    Poller poller_;
    HttpConnector connector_;
    std::size_t max_connections_;
    std::unordered_map<SinkKey, Lane> lanes_;
    std::unordered_map<HttpConnection*, std::unique_ptr<HttpConnection>> connections_;
    std::vector<std::unique_ptr<HttpConnection>> closed_;  // in this turn: events of theirs may be left
    IdleConnections idle_;
    std::vector<SinkKey> starved_;
    std::vector<std::pair<Delivery, DeliveryResult>> settled_;  // and not told yet
    bool must_tell_ = false;
    TimePoint tell_at_ = TimePoint::max();  // at the latest
    std::size_t busy_ = 0;
    TimePoint now_;
    Timestamp signing_time_;
    TimePoint next_look_ = TimePoint::min();  // for what is late
    std::array<char, 65'536> buffer_;
    std::jthread thread_;
};

}  // namespace headwater::sinks
