#pragma once

#include <optional>
#include <vector>

#include "app/options.hpp"
#include "cli/options/option_kind.hpp"

namespace headwater::app {

/// The kinds of option that only the server has. As in cli/options: each refers to where its value is kept.

/// ADDRESS:PORT, also [::1]:8080.
[[nodiscard]] cli::OptionKind endpoint(Endpoint& target);
/// [name=]amqp://…; repeatable, the first is `default`.
[[nodiscard]] cli::OptionKind brokers(std::vector<Broker>& target);
/// 1000/s, 600/min, 5000/h.
[[nodiscard]] cli::OptionKind request_rate(std::optional<RequestRate>& target);
/// A CIDR or a single address; repeatable.
[[nodiscard]] cli::OptionKind networks(std::vector<std::string>& target);
/// http(s)://host[:port], or `*`; repeatable.
[[nodiscard]] cli::OptionKind origins(std::vector<std::string>& target);
}  // namespace headwater::app
