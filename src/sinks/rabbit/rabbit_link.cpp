#include "sinks/rabbit/rabbit_link.hpp"

#include <amqp_framing.h>
#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <set>

#include "core/log.hpp"
#include "core/work_pool.hpp"
#include "sinks/settle.hpp"

namespace headwater::sinks {
namespace {

constexpr std::size_t kPublishesPerRead = 64;

/// rabbitmq-c serves heartbeats only inside of calls, and deadlines are looked at between them.
int poll_milliseconds(const RabbitLimits& limits) {
    const std::chrono::milliseconds heartbeat = limits.heartbeat;
    return static_cast<int>(std::min(heartbeat, limits.confirm).count() / 5);
}

}  // namespace

RabbitLink::RabbitLink(RabbitBroker broker, std::string vhost, const RabbitLimits& limits)
    : broker_(std::move(broker)),
      vhost_(std::move(vhost)),
      limits_(limits),
      thread_([this](const std::stop_token& stop) {
          name_this_thread("rabbit");
          run(stop);
      }) {}

RabbitLink::~RabbitLink() {
    thread_.request_stop();
    queue_.wake();
    thread_.join();
}

void RabbitLink::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        Queue::Work work = wait_for_work();
        try {
            send_all(work.tasks);
            read_frames();
            check_deadlines();
        } catch (const AmqpError& error) {
            drop_connection(error);
            if (!work.tasks.empty())
                work.tasks.pop_front();  // the one that was being sent: settled with its channel
            for (RabbitTask& task : work.tasks) settle_unavailable(task.delivery, last_error_);
        }
        for (Queue::Closing& closing : work.closings) close(closing);
    }
    settle_everything(queue_.take());
}

RabbitLink::Queue::Work RabbitLink::wait_for_work() {
    std::array<pollfd, 2> fds{
        {{.fd = queue_.wake_fd(), .events = POLLIN, .revents = 0},
         {.fd = connection_ ? connection_->socket() : -1, .events = POLLIN, .revents = 0}}};
    ::poll(fds.data(), fds.size(), connection_ ? poll_milliseconds(limits_) : -1);
    return queue_.take();
}

/// Together, in as few packets as they need: rabbitmq-c alone sends each message in a packet of its own.
void RabbitLink::send_all(std::deque<RabbitTask>& tasks) {
    const bool is_held = connection_ && tasks.size() > 1;
    if (is_held) connection_->hold_packets();
    std::size_t published = 0;
    for (; !tasks.empty(); tasks.pop_front()) {
        send(std::move(tasks.front()));
        if (++published % kPublishesPerRead == 0) read_frames();
    }
    if (is_held && connection_) connection_->release_packets();
}

/// Throws AmqpError only when the connection is lost; the task is settled by then, or with its channel.
void RabbitLink::send(RabbitTask task) {
    if (!connection_ && std::chrono::steady_clock::now() >= connect_after_) connect();
    if (!connection_ || !blocked_.empty()) {
        settle_unavailable(task.delivery, connection_ ? blocked_ : last_error_);
        return;
    }
    try {
        const SocketWatchdog::Watch watch(watchdog_, connection_->socket(), limits_.publish);
        RabbitChannel& channel = channel_for(*task.to);
        channel.publish(*connection_, std::move(task), std::chrono::steady_clock::now());
    } catch (const AmqpError& error) {
        if (task.delivery.settle) settle_unavailable(task.delivery, error.what());
        if (error.scope() == AmqpError::Scope::connection) throw;
    }
}

void RabbitLink::connect() {
    try {
        connection_ = std::make_unique<AmqpConnection>(broker_.url, vhost_, limits_.heartbeat);
        log::info("rabbit.connected", {{"broker", broker_.name}});
    } catch (const AmqpError& error) {
        drop_connection(error);
    }
}

RabbitChannel& RabbitLink::channel_for(const RabbitDestination& to) {
    const ExchangeKey key{to.exchange, to.exchange_type};
    if (const auto found = channels_.find(key); found != channels_.end()) return found->second;
    RabbitChannel channel(free_channel_number());
    try {
        channel.open(*connection_, to);
    } catch (const AmqpError& error) {
        log::warn("rabbit.exchange-refused",
                  {{"broker", broker_.name}, {"exchange", to.exchange}, {"error", error.reply_text()}});
        if (error.scope() == AmqpError::Scope::channel) connection_->confirm_channel_closed(channel.number());
        throw;
    }
    return channels_.emplace(key, std::move(channel)).first->second;
}

amqp_channel_t RabbitLink::free_channel_number() const {
    std::set<int> taken;
    for (const auto& [key, channel] : channels_) taken.insert(channel.number());
    for (int number = 1; number <= connection_->max_channels(); ++number) {
        if (!taken.contains(number)) return static_cast<amqp_channel_t>(number);
    }
    throw AmqpError(AmqpError::Scope::channel, 0, "no channel left",
                    "Too many exchanges are in use over one connection to the broker.");
}

void RabbitLink::read_frames() {
    if (!connection_) return;
    const SocketWatchdog::Watch watch(watchdog_, connection_->socket(), limits_.publish);
    amqp_frame_t frame;
    while (connection_->read_frame(frame)) {
        on_frame(frame);
        connection_->release_buffers();
    }
}

void RabbitLink::on_frame(const amqp_frame_t& frame) {
    if (frame.channel == 0) {
        if (frame.frame_type == AMQP_FRAME_METHOD) on_connection_method(frame.payload.method);
        return;
    }
    const auto found = std::ranges::find_if(
        channels_, [&](const auto& entry) { return entry.second.number() == frame.channel; });
    if (found == channels_.end()) return;
    const bool is_method = frame.frame_type == AMQP_FRAME_METHOD;
    if (is_method && frame.payload.method.id == AMQP_CHANNEL_CLOSE_METHOD) {
        on_channel_closed(found->second, *static_cast<amqp_channel_close_t*>(frame.payload.method.decoded));
        channels_.erase(found);
    } else {
        found->second.on_frame(frame, std::chrono::steady_clock::now());
    }
}

void RabbitLink::on_connection_method(const amqp_method_t& method) {
    if (method.id == AMQP_CONNECTION_BLOCKED_METHOD) {
        log::warn("rabbit.blocked", {{"broker", broker_.name}});
        blocked_ = "The broker has raised an alarm (memory or disk) and takes no messages.";
        // What was sent before may still be confirmed after the alarm; until then the streams say that they
        // are blocked.
        for (auto& [key, channel] : channels_) channel.settle_all_unavailable(blocked_);
    } else if (method.id == AMQP_CONNECTION_UNBLOCKED_METHOD) {
        log::info("rabbit.unblocked", {{"broker", broker_.name}});
        blocked_.clear();
        for (auto& [key, channel] : channels_) channel.restart_clock(std::chrono::steady_clock::now());
    } else if (method.id == AMQP_CONNECTION_CLOSE_METHOD) {
        throw to_error(*static_cast<const amqp_connection_close_t*>(method.decoded));
    }
}

/// The broker has closed the channel: the exchange was deleted, or the user may not write to it.
void RabbitLink::on_channel_closed(RabbitChannel& channel, const amqp_channel_close_t& close) {
    const AmqpError error = to_error(close);
    log::warn("rabbit.channel-closed", {{"broker", broker_.name}, {"error", error.reply_text()}});
    channel.settle_all_unavailable(error.what());
    connection_->confirm_channel_closed(channel.number());
}

void RabbitLink::check_deadlines() {
    if (!connection_ || !blocked_.empty()) return;
    const auto limit = std::chrono::steady_clock::now() - limits_.confirm;
    for (const auto& [key, channel] : channels_) {
        const auto oldest = channel.oldest();
        if (oldest && *oldest < limit) {
            throw AmqpError(AmqpError::Scope::connection, 0, "no confirm",
                            "The broker did not confirm in time.");
        }
    }
}

void RabbitLink::drop_connection(const AmqpError& error) {
    log::warn("rabbit.disconnected", {{"broker", broker_.name},
                                      {"reason", error.what()},
                                      {"code", error.reply_code()},
                                      {"error", error.reply_text()}});
    drop_connection(std::string(error.what()));
}

void RabbitLink::drop_connection(const std::string& reason) {
    last_error_ = reason;
    blocked_.clear();
    for (auto& [key, channel] : channels_) channel.settle_all_unavailable(reason);
    channels_.clear();
    connection_.reset();
    connect_after_ = std::chrono::steady_clock::now() + kReconnectPause;
}

/// After the tasks of the same round, so nothing of this sink is left in a queue.
void RabbitLink::close(Queue::Closing& closing) {
    for (auto& [key, channel] : channels_) channel.settle_sink_unavailable(closing.sink, kSinkClosed);
    closing.done.set_value();
}

void RabbitLink::settle_everything(Queue::Work work) {
    for (RabbitTask& task : work.tasks) settle_unavailable(task.delivery, kSinkClosed);
    for (auto& [key, channel] : channels_) channel.settle_all_unavailable(kSinkClosed);
    for (Queue::Closing& closing : work.closings) closing.done.set_value();
    if (connection_) connection_->close();
}

}  // namespace headwater::sinks
