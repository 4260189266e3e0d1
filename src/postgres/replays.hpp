#pragma once

#include <optional>
#include <vector>

#include "core/delivery_store.hpp"

namespace headwater::postgres {

class Connection;

// What DeliveryStore says about replays, on one connection.
[[nodiscard]] std::expected<Replay, Refusal> start_replay(Connection& connection, StreamId stream,
                                                          const ReplayRequest& request);
[[nodiscard]] std::vector<Replay> read_replays(Connection& connection, StreamId stream, std::size_t limit);
/// Running ones only, by id.
[[nodiscard]] std::vector<Replay> read_running_replays(Connection& connection, StreamId stream);
[[nodiscard]] std::optional<Replay> find_replay(Connection& connection, StreamId stream, ReplayId replay);
[[nodiscard]] std::expected<Replay, Refusal> cancel_replay(Connection& connection, StreamId stream,
                                                           ReplayId replay);

}  // namespace headwater::postgres
