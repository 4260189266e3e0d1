#pragma once

#include <memory>
#include <vector>

#include "core/event_log.hpp"
#include "core/live_broadcast.hpp"
#include "core/live_history.hpp"
#include "core/live_shard.hpp"

namespace headwater {

/// Brings the log's new events to the live subscribers: on_events() on the tail's thread, then one LiveShard
/// for each io thread. Owned by the composition root; it must outlive the tail, the work pool's accepted work
/// and the io threads.
class LiveHub {
  public:
    struct Options {
        LiveBroadcast::Options broadcast;
        LiveHistory::Options history;
        std::size_t slice_bytes = 256 << 10;
    };

    LiveHub(LogReader& reader, WorkPool& pool, const ResumeHorizon& horizon, const Clock& clock,
            Metrics& metrics, const Options& options);
    LiveHub(LogReader& reader, WorkPool& pool, const ResumeHorizon& horizon, const Clock& clock,
            Metrics& metrics)
        : LiveHub(reader, pool, horizon, clock, metrics, Options{}) {}

    /// Before the first event comes. The shard is the executor's thread's from then on.
    [[nodiscard]] LiveShard& add_shard(LiveExecutor executor);
    /// The log's head as the tail began: call it between LogTail::start() and the first subscriber.
    void begin_at(const LogHead& head) { broadcast_.begin_at(head.position, head.clock); }
    void begin_at(Position head) { broadcast_.begin_at(head, std::nullopt); }

    /// LogTail's listener.
    void on_events(const EventBatch& events, Position position) { broadcast_.publish(events, position); }
    [[nodiscard]] Position position() const { return broadcast_.position(); }

  private:
    LiveBroadcast broadcast_;
    LiveHistory history_;
    const LiveParts parts_;
    std::vector<std::unique_ptr<LiveShard>> shards_;
};

}  // namespace headwater
