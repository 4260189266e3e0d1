#pragma once

#include <optional>
#include <span>
#include <vector>

#include "core/delivery_store.hpp"

namespace headwater::postgres {

class Connection;

// What DeliveryStore says about dead events, on one connection.
[[nodiscard]] DeadPage read_dead(Connection& connection, StreamId stream, std::optional<EventId> before,
                                 std::size_t limit);
[[nodiscard]] std::vector<std::int64_t> count_dead(Connection& connection, std::span<const StreamId> streams);
[[nodiscard]] std::expected<std::int64_t, Refusal> retry_dead(Connection& connection, StreamId stream,
                                                              std::optional<EventId> event);
[[nodiscard]] std::expected<void, Refusal> remove_dead(Connection& connection, StreamId stream,
                                                       EventId event);

}  // namespace headwater::postgres
