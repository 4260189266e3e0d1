#pragma once

#include <chrono>
#include <expected>
#include <optional>
#include <string_view>

#include "core/errors.hpp"
#include "core/feed.hpp"
#include "rest/request_context.hpp"

namespace headwater::rest {

inline constexpr std::size_t kDefaultFeedLimit = 100;

/// Reads a feed's query and the client of its path; the times stay as they are by default. Each parameter
/// that is known must be right; unknown ones are ignored.
[[nodiscard]] std::expected<FeedQuery, Refusal> parse_feed_query(const RequestContext& request);

/// `wait`: how long to wait for the first event of an empty page, 0 to 60 seconds; 0 when it is absent.
[[nodiscard]] std::expected<std::chrono::seconds, Refusal> parse_wait(const RequestContext& request);

/// The parameters that feeds and live connections share. A mistake is one of syntax (400).
[[nodiscard]] std::expected<TypeFilter, Refusal> parse_types(const RequestContext& request);
[[nodiscard]] std::optional<std::string> parse_subject(const RequestContext& request);

/// The {client} of the path: 1 to 100 characters of [A-Za-z0-9_.:@-]; "" when the path has none.
[[nodiscard]] std::expected<std::string, Refusal> parse_client(const RequestContext& request);

}  // namespace headwater::rest
