#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "core/monitor_store.hpp"

namespace headwater {

class MonitorMetrics;

/// Turns late monitors Dead: a thread that sleeps until the next one is due by PostgreSQL's clock. Every node
/// has one, and each transition happens once. It never sleeps longer than `longest_sleep`, since another node
/// may have taken a check-in that moves the next moment forward: shorter than any interval.
class MonitorTimer {
  public:
    struct Options {
        std::chrono::milliseconds longest_sleep{500};
        std::chrono::milliseconds shortest_sleep{20};  ///< rows that somebody holds are looked at again
    };

    MonitorTimer(std::unique_ptr<LateMonitors> late, MonitorMetrics& metrics, Options options);
    ~MonitorTimer();
    MonitorTimer(const MonitorTimer&) = delete;
    MonitorTimer& operator=(const MonitorTimer&) = delete;

    void stop();  ///< idempotent

  private:
    void run(const std::stop_token& stop);
    /// How long to sleep behind one round.
    [[nodiscard]] std::chrono::microseconds turn();
    void sleep(const std::stop_token& stop, std::chrono::microseconds time);

    std::unique_ptr<LateMonitors> late_;
    MonitorMetrics& metrics_;
    Options options_;
    bool is_away_ = false;
    std::mutex mutex_;
    std::condition_variable_any stopped_;
    std::jthread thread_;
};

}  // namespace headwater
