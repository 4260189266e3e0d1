#include "sinks/rabbit/rabbit_destination.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "core/json_text.hpp"
#include "sinks/option_reader.hpp"

namespace headwater::sinks {
namespace {

constexpr std::size_t kMaxShortText = 255;  // AMQP 0-9-1, 4.2.5.3: short strings
constexpr std::string_view kTypePlace = "{type}";

void check_short_text(OptionReader& options, const char* name, const std::string& text) {
    if (text.size() > kMaxShortText) options.fail(std::string("/") + name, "At most 255 bytes.");
    if (has_controls(text)) options.fail(std::string("/") + name, "No control characters.");
}

RabbitDestination read_members(OptionReader& options) {
    RabbitDestination to;
    to.exchange = options.required_text("exchange");
    to.exchange_type = options.text("exchangeType").value_or(to.exchange_type);
    to.routing_key = options.text("routingKey").value_or(to.routing_key);
    to.vhost = options.text("vhost").value_or("");
    to.connection = options.text("connection").value_or(to.connection);
    to.is_persistent = options.flag("persistent", true);
    to.is_mandatory = options.flag("mandatory", true);
    return to;
}

std::string to_name(std::string_view text) {
    std::string name;
    for (const char c : text) {
        const bool is_plain =
            std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '_' || c == '-';
        name += is_plain ? c : '-';
    }
    return name;
}

}  // namespace

std::expected<RabbitDestination, std::vector<FieldError>> RabbitDestination::parse(
    std::string_view stream_json, const std::vector<RabbitBroker>& brokers) {
    OptionReader options(stream_json);
    RabbitDestination to = read_members(options);
    check_short_text(options, "exchange", to.exchange);
    check_short_text(options, "routingKey", to.routing_key);
    check_short_text(options, "vhost", to.vhost);
    if (to.exchange_type != "topic" && to.exchange_type != "direct" && to.exchange_type != "fanout") {
        options.fail("/exchangeType", "One of topic, direct and fanout.");
    }
    if (std::ranges::find(brokers, to.connection, &RabbitBroker::name) == brokers.end()) {
        options.fail(to.connection == "default" ? "" : "/connection",
                     fmt::format("No RabbitMQ broker named \"{}\" is configured (--rabbit).", to.connection));
    }
    if (auto errors = options.finish(); !errors.empty()) return std::unexpected(std::move(errors));
    return to;
}

RabbitDestination RabbitDestination::from_json(std::string_view json) {
    OptionReader options(json);
    return read_members(options);
}

std::string RabbitDestination::to_json() const {
    return fmt::format(
        R"({{"exchange":{},"exchangeType":{},"routingKey":{}{},"connection":{},"persistent":{},"mandatory":{}}})",
        to_json_string(exchange), to_json_string(exchange_type), to_json_string(routing_key),
        vhost.empty() ? "" : ",\"vhost\":" + to_json_string(vhost), to_json_string(connection), is_persistent,
        is_mandatory);
}

std::string RabbitDestination::default_name() const {
    std::string name = "rabbit-" + to_name(exchange);
    if (!vhost.empty() && vhost != "/") name += "-" + to_name(vhost);
    if (connection != "default") name += "-" + to_name(connection);
    return name;
}

std::string RabbitDestination::routing_key_for(std::string_view type) const {
    std::string key = routing_key;
    for (std::size_t at = key.find(kTypePlace); at != std::string::npos;
         at = key.find(kTypePlace, at + type.size())) {
        key.replace(at, kTypePlace.size(), type);
    }
    return key;
}

}  // namespace headwater::sinks
