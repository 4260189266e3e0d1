#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "sinks/rabbit/rabbit_channel.hpp"
#include "sinks/rabbit/rabbit_limits.hpp"
#include "sinks/rabbit/socket_watchdog.hpp"
#include "sinks/task_queue.hpp"

namespace headwater::sinks {

/// The one connection to a broker's vhost, with its thread and a channel per exchange; shared by the streams
/// that send there. It connects when there is something to send and reconnects by itself; while it cannot,
/// every delivery is settled as unavailable at once, and the streams come back by their own backoff. The
/// queue is bounded by the streams' windows. Thread-safe.
class RabbitLink {
  public:
    static constexpr std::chrono::milliseconds kReconnectPause{200};

    RabbitLink(RabbitBroker broker, std::string vhost, const RabbitLimits& limits);
    ~RabbitLink();
    RabbitLink(const RabbitLink&) = delete;
    RabbitLink& operator=(const RabbitLink&) = delete;

    [[nodiscard]] SinkKey new_sink() { return queue_.new_sink(); }
    void deliver(RabbitTask task) { queue_.deliver(std::move(task)); }
    /// Settles everything of this sink as unavailable; waits until that is done, a few seconds at most.
    void close_sink(SinkKey sink) { queue_.close(sink); }

  private:
    using TimePoint = std::chrono::steady_clock::time_point;
    using ExchangeKey = std::pair<std::string, std::string>;  // name, type
    using Queue = TaskQueue<RabbitTask>;

    void run(const std::stop_token& stop);
    Queue::Work wait_for_work();
    void send_all(std::deque<RabbitTask>& tasks);
    void send(RabbitTask task);
    void connect();
    RabbitChannel& channel_for(const RabbitDestination& to);
    amqp_channel_t free_channel_number() const;
    void read_frames();
    void on_frame(const amqp_frame_t& frame);
    void on_connection_method(const amqp_method_t& method);
    void on_channel_closed(RabbitChannel& channel, const amqp_channel_close_t& close);
    void check_deadlines();
    void drop_connection(const AmqpError& error);
    void drop_connection(const std::string& reason);
    void close(Queue::Closing& closing);
    void settle_everything(Queue::Work work);

    RabbitBroker broker_;
    std::string vhost_;
    RabbitLimits limits_;
    Queue queue_;

    // The rest belongs to the thread.
    SocketWatchdog watchdog_;
    std::unique_ptr<AmqpConnection> connection_;  // null while there is none
    std::map<ExchangeKey, RabbitChannel> channels_;
    std::string blocked_;  // why the broker takes nothing now; "" when it does
    std::string last_error_;
    TimePoint connect_after_ = TimePoint::min();
    std::jthread thread_;
};

}  // namespace headwater::sinks
