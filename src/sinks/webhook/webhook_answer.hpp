#pragma once

#include <optional>
#include <string>

#include "core/sink.hpp"

namespace headwater::sinks {

inline constexpr std::size_t kMaxResponseKept = 20'000;  ///< bytes of an answer's body
inline constexpr std::size_t kMaxResponseRead = 65'536;  ///< a longer answer is cut off
inline constexpr std::chrono::seconds kConnectLimit{5};

/// Sentences about an attempt that met no answer.
inline constexpr const char* kAddressRefused =
    "The webhook's address is private or reserved, and no --webhook-allow names its network.";
inline constexpr const char* kNotInTime = "The webhook did not answer in time.";
inline constexpr const char* kNoAnswer = "The webhook closed the connection without an answer.";
inline constexpr const char* kConnectionLost = "The connection to the webhook was lost.";
inline constexpr const char* kNoConnection = "The webhook's host does not take connections.";
inline constexpr const char* kNoSuchHost = "The webhook's host name cannot be resolved.";

/// What an HTTP status says about a delivery: outcome, reason and status. `retry_after` counts for 429 and
/// 503.
[[nodiscard]] DeliveryResult judge(int status, std::optional<std::chrono::seconds> retry_after);

/// An attempt that failed without an answer.
[[nodiscard]] DeliveryResult failure(std::string reason);

/// The value of a Retry-After header, seconds or a date (RFC 9110 section 10.2.3); nothing when it asks for
/// no wait.
[[nodiscard]] std::optional<std::chrono::seconds> parse_retry_after(const std::string& value);

}  // namespace headwater::sinks
