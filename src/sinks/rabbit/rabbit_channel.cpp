#include "sinks/rabbit/rabbit_channel.hpp"

#include <amqp_framing.h>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sinks/settle.hpp"

namespace headwater::sinks {
namespace {

using Outcome = DeliveryResult::Outcome;

std::string text_of(amqp_bytes_t bytes) {
    return {static_cast<const char*>(bytes.bytes), bytes.len};
}

amqp_bytes_t bytes_of(const std::string& text) {
    return {text.size(), const_cast<char*>(text.data())};  // rabbitmq-c only reads it
}

std::uint64_t to_unix_seconds(Timestamp time) {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count());
}

std::string return_sentence(int code, const std::string& routing_key) {
    if (code == AMQP_NO_ROUTE) {
        return fmt::format(
            "The broker returned the message: no queue is bound for routing key \"{}\" (AMQP 312).",
            routing_key);
    }
    return fmt::format("The broker returned the message (AMQP {}).", code);
}

}  // namespace

void RabbitChannel::open(AmqpConnection& connection, const RabbitDestination& to) {
    connection.open_channel(number_);
    connection.declare_exchange(number_, to.exchange, to.exchange_type);
    connection.select_confirms(number_);
}

void RabbitChannel::publish(AmqpConnection& connection, RabbitTask task, TimePoint now) {
    unconfirmed_.push_back({.task = std::move(task), .sent = now, .return_text = {}});
    const RabbitTask& kept = unconfirmed_.back().task;
    const Event& event = *kept.delivery.event;
    const std::string id = to_string(event.id);
    amqp_basic_properties_t properties{};
    properties._flags = AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG |
                        AMQP_BASIC_MESSAGE_ID_FLAG | AMQP_BASIC_TIMESTAMP_FLAG | AMQP_BASIC_TYPE_FLAG |
                        AMQP_BASIC_APP_ID_FLAG;
    properties.content_type = amqp_cstring_bytes("application/json");
    properties.delivery_mode =
        kept.to->is_persistent ? AMQP_DELIVERY_PERSISTENT : AMQP_DELIVERY_NONPERSISTENT;
    properties.message_id = bytes_of(id);
    properties.timestamp = to_unix_seconds(event.created_at);
    properties.type = bytes_of(event.type);
    properties.app_id = amqp_cstring_bytes("headwater");
    const std::string replay = to_string(kept.delivery.replay);
    amqp_table_entry_t replay_header{amqp_cstring_bytes("Headwater-Replay"), {}};
    replay_header.value.kind = AMQP_FIELD_KIND_UTF8;
    replay_header.value.value.bytes = bytes_of(replay);
    if (kept.delivery.replay.value != 0) {
        properties._flags |= AMQP_BASIC_HEADERS_FLAG;
        properties.headers = {1, &replay_header};
    }
    connection.publish(number_, kept.to->exchange, kept.to->routing_key_for(event.type),
                       kept.to->is_mandatory, properties, event.json);
}

void RabbitChannel::on_frame(const amqp_frame_t& frame, TimePoint now) {
    if (frame.frame_type == AMQP_FRAME_HEADER && return_code_ != 0) {
        on_return_header(*static_cast<const amqp_basic_properties_t*>(frame.payload.properties.decoded));
        return;
    }
    if (frame.frame_type != AMQP_FRAME_METHOD) return;  // the returned body: we know it
    const amqp_method_t& method = frame.payload.method;
    if (method.id == AMQP_BASIC_ACK_METHOD) {
        const auto* ack = static_cast<const amqp_basic_ack_t*>(method.decoded);
        on_ack(ack->delivery_tag, ack->multiple != 0, now);
    } else if (method.id == AMQP_BASIC_NACK_METHOD) {
        const auto* nack = static_cast<const amqp_basic_nack_t*>(method.decoded);
        on_nack(nack->delivery_tag, nack->multiple != 0, now);
    } else if (method.id == AMQP_BASIC_RETURN_METHOD) {
        const auto* returned = static_cast<const amqp_basic_return_t*>(method.decoded);
        return_code_ = returned->reply_code;
        return_text_ = text_of(returned->reply_text);
        return_routing_key_ = text_of(returned->routing_key);
    }
}

/// A returned message is named by its id alone; two streams may have sent one event by different keys, so the
/// key counts too.
void RabbitChannel::on_return_header(const amqp_basic_properties_t& properties) {
    const auto id = parse_id<EventId>(text_of(properties.message_id));
    const auto is_it = [&](const Unconfirmed& publish) {
        const Event& event = *publish.task.delivery.event;
        return id && event.id == *id && publish.return_code == 0 &&
               publish.task.to->routing_key_for(event.type) == return_routing_key_;
    };
    if (const auto found = std::ranges::find_if(unconfirmed_, is_it); found != unconfirmed_.end()) {
        found->return_code = return_code_;
        found->return_text = return_text_;
    }
    return_code_ = 0;
}

void RabbitChannel::on_ack(std::uint64_t tag, bool is_multiple, TimePoint now) {
    for_tags(tag, is_multiple, [&](Unconfirmed& publish) {
        DeliveryResult result;
        result.duration = std::chrono::duration_cast<std::chrono::microseconds>(now - publish.sent);
        if (publish.return_code != 0) {
            result.outcome = Outcome::failed;
            result.status = publish.return_code;
            result.response = publish.return_text;
            result.reason = return_sentence(
                publish.return_code, publish.task.to->routing_key_for(publish.task.delivery.event->type));
        }
        settle(publish, std::move(result));
    });
}

void RabbitChannel::on_nack(std::uint64_t tag, bool is_multiple, TimePoint now) {
    for_tags(tag, is_multiple, [&](Unconfirmed& publish) {
        settle(publish,
               {.outcome = Outcome::failed,
                .reason = "The broker could not take the message (nack).",
                .retry_after = std::nullopt,
                .response = {},
                .duration = std::chrono::duration_cast<std::chrono::microseconds>(now - publish.sent)});
    });
}

template <class Change>
void RabbitChannel::for_tags(std::uint64_t tag, bool is_multiple, Change change) {
    const std::uint64_t end = first_tag_ + unconfirmed_.size();
    if (tag < first_tag_ || tag >= end) return;
    for (std::uint64_t t = is_multiple ? first_tag_ : tag; t <= tag; ++t)
        change(unconfirmed_[t - first_tag_]);
    while (!unconfirmed_.empty() && unconfirmed_.front().is_settled) {
        unconfirmed_.pop_front();
        ++first_tag_;
    }
}

void RabbitChannel::settle(Unconfirmed& publish, DeliveryResult result) {
    if (std::exchange(publish.is_settled, true)) return;
    publish.task.delivery.settle(std::move(result));
}

void RabbitChannel::settle_unavailable(Unconfirmed& publish, const std::string& reason) {
    if (!std::exchange(publish.is_settled, true)) sinks::settle_unavailable(publish.task.delivery, reason);
}

void RabbitChannel::settle_all_unavailable(const std::string& reason) {
    for (Unconfirmed& publish : unconfirmed_) settle_unavailable(publish, reason);
}

void RabbitChannel::settle_sink_unavailable(SinkKey sink, const std::string& reason) {
    for (Unconfirmed& publish : unconfirmed_) {
        if (publish.task.sink == sink) settle_unavailable(publish, reason);
    }
}

void RabbitChannel::restart_clock(TimePoint now) {
    for (Unconfirmed& publish : unconfirmed_) publish.sent = now;
}

std::optional<RabbitChannel::TimePoint> RabbitChannel::oldest() const {
    if (unconfirmed_.empty()) return std::nullopt;
    return unconfirmed_.front().sent;
}

}  // namespace headwater::sinks
