#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "core/metric_figures.hpp"
#include "core/stats_history.hpp"
#include "core/time.hpp"

namespace headwater::app {

/// Reads the node's figures every StatsHistory::kStep on a thread of its own and adds them to the history, so
/// that nothing else is slowed by it. The node owns it; what it reads and the history outlive it.
class StatsSampler {
  public:
    using Read = std::function<MetricFigures()>;

    StatsSampler(Read read, const Clock& clock, StatsHistory& history);
    ~StatsSampler();
    StatsSampler(const StatsSampler&) = delete;
    StatsSampler& operator=(const StatsSampler&) = delete;

  private:
    void run(const std::stop_token& stop);

    const Read read_;
    const Clock& clock_;
    StatsHistory& history_;
    std::mutex mutex_;
    std::condition_variable_any stopped_;
    std::jthread thread_;
};

}  // namespace headwater::app
