#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/metric_figures.hpp"
#include "core/time.hpp"

namespace headwater {

/// The last quarter of an hour of a node's figures in steps of five seconds: what happened within each step.
/// The composition root owns it; one thread adds, any thread reads. Bounded by the steps and the metrics' own
/// limit of types.
class StatsHistory {
  public:
    static constexpr std::chrono::seconds kStep{5};
    static constexpr std::size_t kSteps = 180;

    /// One step. Rates are per second.
    struct Step {
        Timestamp at;  ///< its end
        double seconds = 0;
        double accepted = 0;
        std::map<std::string, double> types;       ///< accepted, by type; only those that had any
        std::map<std::string, double> deliveries;  ///< by result; only those that had any
        std::optional<double> append_p50;          ///< seconds; nothing when nothing was appended
        std::optional<double> append_p99;
        double lag_events = 0;
        double oldest_seconds = 0;
        double live_connections = 0;
        double live_messages = 0;
    };

    /// The step between the figures of the call before and these. The first call only sets the beginning.
    void add(MetricFigures now, Timestamp at);
    /// Oldest first.
    [[nodiscard]] std::vector<Step> steps() const;
    /// Events that this node has accepted since it started, by type.
    [[nodiscard]] std::map<std::string, double> accepted() const;

  private:
    mutable std::mutex mutex_;
    std::optional<MetricFigures> before_;  // guarded by mutex_, as all below
    Timestamp before_at_{};
    std::deque<Step> steps_;
};

/// The value that this share (0 to 1) of the observations stays below, interpolated within its bucket.
/// Nothing when there are none. What lies above the last bound counts as that bound.
[[nodiscard]] std::optional<double> quantile(const MetricFigures::Histogram& histogram, double share);

}  // namespace headwater
