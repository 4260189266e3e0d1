#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string_view>

#include "core/errors.hpp"
#include "core/ids.hpp"
#include "rest/uri.hpp"

namespace headwater::rest {

/// `limit`: 1 to 1000; `fallback` when it is absent.
[[nodiscard]] std::expected<std::size_t, Refusal> read_limit(const Query& query, std::size_t fallback = 100);
/// A parameter that is an event id; nothing when it is absent.
[[nodiscard]] std::expected<std::optional<EventId>, Refusal> read_event_id(const Query& query,
                                                                           std::string_view name);

}  // namespace headwater::rest
