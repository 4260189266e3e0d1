#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/runner_table.hpp"

namespace headwater {

/// Gives streams up of which the process has more than its share: they send nothing more, what is in flight
/// may settle for a moment, then they are released with what they have done. Belongs to the dispatcher's
/// thread.
class StreamHandover {
  public:
    using TimePoint = std::chrono::steady_clock::time_point;
    /// The stream has stopped: release it with its last progress and take it out of the table.
    using Release = std::function<void(StreamId)>;
    static constexpr std::chrono::seconds kSettle{2};

    explicit StreamHandover(Release release) : release_(std::move(release)) {}

    /// Begins with as many streams as are missing to `surplus`, those that carry least first.
    void begin(std::size_t surplus, RunnerTable& table, TimePoint now);
    /// Releases those that have settled, or had their time.
    void tick(const RunnerTable& table, TimePoint now);
    void on_released(const std::vector<StreamId>& streams);
    /// The lease is lost, or the process ends: there is nothing to give up any more.
    void clear();
    [[nodiscard]] std::optional<TimePoint> next_tick() const;

  private:
    Release release_;
    std::unordered_map<StreamId, TimePoint> settling_;  // until when
    std::unordered_set<StreamId> releasing_;
};

}  // namespace headwater
