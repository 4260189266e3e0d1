#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "core/delivery_store.hpp"
#include "core/lease_store.hpp"

namespace headwater::testing {

/// Deliveries and leases in memory, by PostgreSQL's rules (both run
/// tests/contract/delivery_store_contract.hpp). Knows the streams that put() gave it. Thread-safe; on_stream
/// and on_leases stand for the Listener and are called without a lock held.
class MemoryDeliveries final : public DeliveryStore, public LeaseStore {
  public:
    explicit MemoryDeliveries(const Clock& clock) : clock_(clock) {}

    std::function<void(StreamId)> on_stream = [](StreamId) {};
    std::function<void()> on_leases = [] {};

    /// A new stream begins at its cursor; a changed one keeps all that it has.
    void put(const Stream& stream);
    void remove(StreamId stream);
    /// The newest id of the log, up to which replays can go.
    void set_head(Position head);
    /// While set, every call throws Unavailable.
    void set_away(bool is_away);
    /// The process's lease has run out; the next renewal of anybody else ends it.
    void expire(std::int64_t process);
    /// The row of one event as it stands, if there is one.
    [[nodiscard]] std::optional<FailingEvent> row(StreamId stream, EventId event);
    [[nodiscard]] Cursor cursor(StreamId stream);
    /// How often save() was called.
    [[nodiscard]] int saves();

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

    LeaseRenewal renew(std::int64_t process, const std::string& label) override;
    void release(std::int64_t process, std::span<const StreamProgress> streams) override;
    void leave(std::int64_t process) override;
    void end_all() override;

  private:
    struct Row {
        FailingEvent event;
        std::optional<Timestamp> undone_death;
        std::optional<Timestamp> removed_death;
    };
    struct StoredStream {
        Stream stream;
        std::optional<std::int64_t> owner;
        std::optional<EventId> skip;
        StreamStanding standing;
        std::int64_t expired = 0;
        std::map<EventId, Row> rows;
        std::map<ReplayId, Replay> replays;
    };
    struct Lease {
        std::string label;
        Timestamp expires_at;
    };

    [[nodiscard]] std::string owner_of(const StoredStream& stored) const;

    std::unique_lock<std::mutex> enter() {
        std::unique_lock lock(mutex_);
        if (is_away_) throw Unavailable("the memory store was told to be away");
        return lock;
    }
    StoredStream* find(StreamId stream) {
        const auto found = streams_.find(stream);
        return found == streams_.end() ? nullptr : &found->second;
    }
    bool save_one(const StreamProgress& progress);
    void save_replay(StoredStream& stored, const ReplayProgress& progress) const;
    void end_lease(std::int64_t process);
    [[nodiscard]] std::size_t count_held(std::int64_t process) const;
    [[nodiscard]] std::size_t share_of(std::int64_t process, Timestamp now) const;
    static std::unexpected<Refusal> refuse(Refusal::Kind kind) {
        return std::unexpected(Refusal{kind, "Refused by the memory store."});
    }
    static bool is_dead(const Row& row, Timestamp now) {
        return row.event.state == FailingState::dead && row.event.expires_at > now;
    }
    static bool is_listed(const Row& row, Timestamp now) {
        return is_dead(row, now) && row.event.died_at != row.removed_death;
    }

    const Clock& clock_;
    std::mutex mutex_;  // guards what follows
    std::map<StreamId, StoredStream> streams_;
    std::map<std::int64_t, Lease> leases_;
    std::map<std::int64_t, bool> has_held_;  ///< processes that have renewed before
    Position head_{1'000'000};
    std::int64_t last_replay_ = 0;
    int saves_ = 0;
    bool is_away_ = false;
};

}  // namespace headwater::testing
