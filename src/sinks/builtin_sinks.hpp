#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/sink.hpp"
#include "sinks/email/smtp_server.hpp"
#include "sinks/rabbit/rabbit_destination.hpp"

namespace headwater {

/// What the built-in sinks need from the configuration.
struct SinkOptions {
    std::vector<sinks::RabbitBroker> brokers;  ///< those that streams may name in `connection`
    std::vector<std::string>
        webhook_allow;  ///< networks (CIDR) that webhooks may reach although they are private
    std::optional<sinks::SmtpServer>
        mail;  ///< sends the mail of e-mail streams; none: there are no such streams
};

/// Every kind of destination that this binary knows. Throws std::invalid_argument for an option that cannot
/// be read.
[[nodiscard]] SinkTypes make_builtin_sinks(const SinkOptions& options);

}  // namespace headwater
