#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <unordered_set>

#include "core/metrics.hpp"
#include "core/registry_store.hpp"
#include "core/stream_status.hpp"
#include "core/work_pool.hpp"

namespace headwater {

/// Tells the metrics how far streams are behind: once a second those that have something to deliver, once
/// more when they are done, idle ones never. What is left in the log is counted by the database, a few
/// streams at a time. Belongs to the dispatcher's thread.
class LagReporter {
  public:
    using TimePoint = std::chrono::steady_clock::time_point;
    /// A stream with its cursor as it is now, and how it stands; nothing when it is gone.
    struct Standing {
        Stream stream;
        StreamStatus status;
        std::string name;
    };
    using Lookup = std::function<std::optional<Standing>(StreamId)>;
    static constexpr std::chrono::seconds kInterval{1};
    static constexpr std::size_t kCountsPerRound = 10;

    LagReporter(RegistryStore& store, WorkPool& pool, Metrics& metrics, Lookup lookup);

    /// The stream has done something. Cheap.
    void touch(StreamId stream) { touched_.insert(stream); }
    void tick(TimePoint now, Timestamp wall);
    /// When tick() has something to do.
    [[nodiscard]] std::optional<TimePoint> next_tick() const;

  private:
    /// True when the stream still has something to deliver.
    bool report(StreamId stream, Timestamp wall, std::size_t& counts);
    void count_in_log(const Standing& standing, double oldest);

    RegistryStore& store_;
    WorkPool& pool_;
    Metrics& metrics_;
    Lookup lookup_;
    std::unordered_set<StreamId> touched_;
    TimePoint next_ = TimePoint::min();
};

}  // namespace headwater
