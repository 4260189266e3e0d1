#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "core/sink.hpp"
#include "sinks/rabbit/amqp_connection.hpp"
#include "sinks/rabbit/rabbit_destination.hpp"
#include "sinks/task_queue.hpp"

namespace headwater::sinks {

/// One event on its way to an exchange.
struct RabbitTask {
    SinkKey sink{};
    std::shared_ptr<const RabbitDestination> to;
    Delivery delivery;
};

/// A channel in confirm mode to one exchange, and the publishes on it that the broker has not confirmed.
/// Belongs to its link's thread. Every task given to publish() is settled exactly once: by the broker's
/// answer or by one of the settle_… calls.
class RabbitChannel {
  public:
    using TimePoint = std::chrono::steady_clock::time_point;

    explicit RabbitChannel(amqp_channel_t number) : number_(number) {}

    /// Opens it, declares the exchange and asks for confirms. Throws AmqpError.
    void open(AmqpConnection& connection, const RabbitDestination& to);
    /// Publishes. When it throws AmqpError, the task is among the unconfirmed ones.
    void publish(AmqpConnection& connection, RabbitTask task, TimePoint now);
    /// basic.ack, basic.nack, basic.return and what follows it.
    void on_frame(const amqp_frame_t& frame, TimePoint now);

    void settle_all_unavailable(const std::string& reason);
    void settle_sink_unavailable(SinkKey sink, const std::string& reason);

    /// The broker reads again after an alarm: what it has not confirmed counts as sent now.
    void restart_clock(TimePoint now);

    [[nodiscard]] amqp_channel_t number() const { return number_; }
    [[nodiscard]] bool is_quiet() const { return unconfirmed_.empty(); }
    /// When the oldest unconfirmed publish was sent.
    [[nodiscard]] std::optional<TimePoint> oldest() const;

  private:
    struct Unconfirmed {
        RabbitTask task;
        TimePoint sent;
        bool is_settled = false;
        int return_code = 0;  // of basic.return, which comes before its ack
        std::string return_text;
    };

    void on_ack(std::uint64_t tag, bool is_multiple, TimePoint now);
    void on_nack(std::uint64_t tag, bool is_multiple, TimePoint now);
    void on_return_header(const amqp_basic_properties_t& properties);
    template <class Change>
    void for_tags(std::uint64_t tag, bool is_multiple, Change change);
    static void settle(Unconfirmed& publish, DeliveryResult result);
    static void settle_unavailable(Unconfirmed& publish, const std::string& reason);

    amqp_channel_t number_;
    std::deque<Unconfirmed> unconfirmed_;  // by delivery tag, from first_tag_ on
    std::uint64_t first_tag_ = 1;
    int return_code_ = 0;  // of a basic.return whose header has not come yet
    std::string return_text_;
    std::string return_routing_key_;
};

}  // namespace headwater::sinks
