#include "rest/paging.hpp"

#include <fmt/format.h>

#include "rest/refusals.hpp"

namespace headwater::rest {

std::expected<std::size_t, Refusal> read_limit(const Query& query, std::size_t fallback) {
    const auto text = query.find("limit");
    if (!text) return fallback;
    const auto limit = parse_id<EventId>(*text);
    if (limit && limit->value >= 1 && limit->value <= 1000) return static_cast<std::size_t>(limit->value);
    return refuse(Refusal::Kind::malformed, "The limit must be a number from 1 to 1000.");
}

std::expected<std::optional<EventId>, Refusal> read_event_id(const Query& query, std::string_view name) {
    const auto text = query.find(name);
    if (!text) return std::nullopt;
    if (const auto id = parse_id<EventId>(*text)) return id;
    return refuse(Refusal::Kind::malformed, fmt::format("'{}' must be an event's id.", name));
}

}  // namespace headwater::rest
