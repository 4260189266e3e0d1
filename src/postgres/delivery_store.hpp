#pragma once

#include "core/delivery_store.hpp"
#include "postgres/connection_pool.hpp"
#include "postgres/delivery_progress.hpp"

namespace headwater::postgres {

/// Deliveries in PostgreSQL. The owner's saves and the operators' calls on one stream come one after the
/// other, because each holds the stream's row. Saves use `owners`, a pool that readers cannot exhaust.
class PostgresDeliveryStore final : public DeliveryStore {
  public:
    PostgresDeliveryStore(ConnectionPool& readers, ConnectionPool& owners, SaveNumbers& numbers)
        : readers_(readers), owners_(owners), numbers_(numbers) {}

    std::vector<StreamId> save(std::span<const StreamProgress> progress) override;
    StreamWork work(StreamId stream, EventId after, std::size_t limit) override;
    std::vector<std::optional<StoredStanding>> standings(std::span<const StreamId> streams) override;
    std::vector<std::pair<StreamId, FailingEvent>> failing_of(EventId event) override;
    DeadPage dead(StreamId stream, std::optional<EventId> before, std::size_t limit) override;
    std::vector<std::int64_t> count_dead(std::span<const StreamId> streams) override;
    std::expected<std::int64_t, Refusal> retry_dead(StreamId stream, std::optional<EventId> event) override;
    std::expected<void, Refusal> remove_dead(StreamId stream, EventId event) override;
    std::expected<void, Refusal> skip(StreamId stream, EventId event) override;
    std::expected<Replay, Refusal> start_replay(StreamId stream, const ReplayRequest& request) override;
    std::vector<Replay> replays(StreamId stream, std::size_t limit) override;
    std::optional<Replay> find_replay(StreamId stream, ReplayId replay) override;
    std::expected<Replay, Refusal> cancel_replay(StreamId stream, ReplayId replay) override;

  private:
    ConnectionPool& readers_;
    ConnectionPool& owners_;
    SaveNumbers& numbers_;
};

}  // namespace headwater::postgres
