#pragma once

#include <expected>
#include <string>

namespace headwater::sinks {

/// A broker's address as --rabbit gives it: `amqp://user:password@host:port/vhost`, or `amqps://` with the
/// query `?cacertfile=/path/ca.pem` when the broker's certificate is not of a public authority.
struct RabbitUrl {
    std::string address;  ///< without the query
    std::string ca_file = "/etc/ssl/certs/ca-certificates.crt";

    /// The error is one sentence, without the address (it holds the password).
    [[nodiscard]] static std::expected<RabbitUrl, std::string> parse(const std::string& text);
};

}  // namespace headwater::sinks
