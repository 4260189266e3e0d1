#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "core/errors.hpp"

namespace headwater::sinks {

/// A broker by the name that streams use in `connection`.
struct RabbitBroker {
    std::string name;
    std::string url;  ///< amqp://user:password@host:port/vhost, or amqps://
};

/// Where a rabbit stream sends its events: as its registration says (schema/openapi.yaml).
struct RabbitDestination {
    std::string exchange;
    std::string exchange_type = "topic";
    std::string routing_key = "{type}";
    std::string vhost;  ///< "" = the one in the broker's URL
    std::string connection = "default";
    bool is_persistent = true;
    bool is_mandatory = true;

    /// Reads a stream object; every mistake at once.
    [[nodiscard]] static std::expected<RabbitDestination, std::vector<FieldError>> parse(
        std::string_view stream_json, const std::vector<RabbitBroker>& brokers);
    /// Reads what to_json wrote.
    [[nodiscard]] static RabbitDestination from_json(std::string_view json);
    /// The members as a JSON object; there is nothing secret in it.
    [[nodiscard]] std::string to_json() const;

    /// "rabbit-campaigns": from the place alone, so that another routing key keeps the stream.
    [[nodiscard]] std::string default_name() const;
    [[nodiscard]] std::string routing_key_for(std::string_view type) const;
};

}  // namespace headwater::sinks
