#include "core/live_hub.hpp"

namespace headwater {

LiveHub::LiveHub(LogReader& reader, WorkPool& pool, const ResumeHorizon& horizon, const Clock& clock,
                 Metrics& metrics, const Options& options)
    : broadcast_(options.broadcast),
      history_(
          reader, [&pool](WorkPool::Work work) { return pool.submit(std::move(work)); }, clock,
          [this] { return position(); }, options.history),
      parts_{broadcast_, history_, horizon, clock, metrics, options.broadcast.recent, options.slice_bytes} {}

LiveShard& LiveHub::add_shard(LiveExecutor executor) {
    return *shards_.emplace_back(std::make_unique<LiveShard>(parts_, std::move(executor)));
}

}  // namespace headwater
