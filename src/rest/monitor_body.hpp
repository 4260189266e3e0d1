#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/errors.hpp"
#include "core/monitor.hpp"

namespace headwater::rest {

/// An element of "notify" as the client wrote it, completed by what mail about monitors says by default.
struct NoticeRequest {
    std::string pointer;
    std::string source;
    std::string json;
    std::optional<StreamId> replaces{};  ///< the monitor's own stream whose secrets it goes on with
};

/// A monitor of a request body, without the streams that will carry its notifications.
struct ParsedMonitor {
    MonitorDefinition definition;
    std::optional<std::vector<NoticeRequest>> notify;  ///< unset: was not mentioned
};

/// Reads a well-formed body; every mistake at once. With `stored` (PATCH) what is not mentioned stays.
[[nodiscard]] std::expected<ParsedMonitor, Refusal> parse_monitor(std::string_view json,
                                                                  const MonitorDefinition* stored);

}  // namespace headwater::rest
