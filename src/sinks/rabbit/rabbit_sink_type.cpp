#include "sinks/rabbit/rabbit_sink_type.hpp"

#include <amqp.h>
#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "core/log.hpp"
#include "sinks/rabbit/amqp_connection.hpp"
#include "sinks/rabbit/rabbit_link.hpp"
#include "sinks/rabbit/rabbit_sink.hpp"
#include "sinks/rabbit/socket_watchdog.hpp"

namespace headwater::sinks {
namespace {

constexpr std::chrono::seconds kVerifyLimit{3};  // after connecting and logging in: ten seconds together

/// What stands in quotes after the mark; "" when it does not occur.
std::string quoted_after(const std::string& text, std::string_view mark) {
    const std::size_t found = text.find(mark);
    if (found == std::string::npos) return {};
    const std::size_t begin = found + mark.size();
    const std::size_t end = text.find('\'', begin);
    return end == std::string::npos ? std::string() : text.substr(begin, end - begin);
}

/// The broker says which property of the exchange differs, and how: "inequivalent arg 'type' for exchange …:
/// received 'topic' but current is 'direct'".
std::string mismatch_sentence(const RabbitDestination& to, const std::string& reply_text) {
    const std::string property = quoted_after(reply_text, "inequivalent arg '");
    const std::string current = quoted_after(reply_text, "but current is '");
    if (property == "type" && !current.empty()) {
        return fmt::format("The exchange \"{}\" exists as type {}, not {}.", to.exchange, current,
                           to.exchange_type);
    }
    if (property == "durable")
        return fmt::format("The exchange \"{}\" exists, but is not durable.", to.exchange);
    return fmt::format("The exchange \"{}\" exists with other properties.", to.exchange);
}

}  // namespace

std::expected<ParsedDestination, std::vector<FieldError>> RabbitSinkType::parse(
    std::string_view stream_json, std::optional<std::string_view> /*stored*/) const {
    auto to = RabbitDestination::parse(stream_json, brokers_);
    if (!to) return std::unexpected(std::move(to.error()));
    return ParsedDestination{.json = to->to_json(),
                             .default_name = to->default_name(),
                             .default_order = StreamOrder::strict,
                             .shown_once = {}};
}

std::string RabbitSinkType::describe(std::string_view destination) const {
    return std::string(destination.substr(1, destination.size() - 2));
}

std::expected<void, std::string> RabbitSinkType::verify(std::string_view destination) const {
    const RabbitDestination to = RabbitDestination::from_json(destination);
    try {
        AmqpConnection connection(find_broker(to.connection).url, to.vhost, limits_.heartbeat);
        SocketWatchdog watchdog;
        const SocketWatchdog::Watch watch(watchdog, connection.socket(), kVerifyLimit);
        connection.open_channel(1);
        connection.declare_exchange(1, to.exchange, to.exchange_type);
        connection.close();
    } catch (const AmqpError& error) {
        log::info("rabbit.verify", {{"exchange", to.exchange}, {"error", error.reply_text()}});
        if (error.reply_code() == AMQP_PRECONDITION_FAILED)
            return std::unexpected(mismatch_sentence(to, error.reply_text()));
        // A broker that is away may come later; one that answers with a refusal will not change its mind.
        if (error.reply_code() != 0 && error.reply_code() != AMQP_CONNECTION_FORCED)
            return std::unexpected(error.what());
    }
    return {};
}

std::unique_ptr<Sink> RabbitSinkType::open(StreamId /*stream*/, std::string_view destination) const {
    RabbitDestination to = RabbitDestination::from_json(destination);
    auto link = link_to(to);
    return std::make_unique<RabbitSink>(std::move(link), std::move(to));
}

/// A broker that is no longer configured cannot be reached: its streams say so and wait.
RabbitBroker RabbitSinkType::find_broker(const std::string& name) const {
    const auto found = std::ranges::find(brokers_, name, &RabbitBroker::name);
    return found == brokers_.end() ? RabbitBroker{.name = name, .url = {}} : *found;
}

std::shared_ptr<RabbitLink> RabbitSinkType::link_to(const RabbitDestination& to) const {
    const std::lock_guard lock(mutex_);
    std::weak_ptr<RabbitLink>& known = links_[{to.connection, to.vhost}];
    if (auto link = known.lock()) return link;
    auto link = std::make_shared<RabbitLink>(find_broker(to.connection), to.vhost, limits_);
    known = link;
    return link;
}

}  // namespace headwater::sinks
