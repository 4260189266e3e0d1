#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "core/appender.hpp"
#include "core/time.hpp"

namespace headwater::app {

/// Looks every second whether PostgreSQL can be written to and how its clock stands, on a thread of its own,
/// so that readiness is answered from memory. Tells the appender, which refuses events while the clocks
/// disagree or the private PostgreSQL's disk is full.
class HealthMonitor {
  public:
    struct Probe {
        std::function<bool()> is_writable;          ///< blocks at most some seconds, never throws
        std::function<Timestamp()> database_clock;  ///< may throw Unavailable
        std::function<DiskState()> disk;            ///< never throws
    };

    HealthMonitor(Appender& appender, Probe probe);
    ~HealthMonitor();
    HealthMonitor(const HealthMonitor&) = delete;
    HealthMonitor& operator=(const HealthMonitor&) = delete;

    /// From here on the node says that it takes no more traffic.
    void begin_draining();
    /// What stands against this node taking traffic, one sentence each; empty when it is ready. Any thread.
    [[nodiscard]] std::vector<std::string> complaints() const;

  private:
    void run(const std::stop_token& stop);
    void look();

    Appender& appender_;
    Probe probe_;
    mutable std::mutex mutex_;
    std::condition_variable_any changed_;
    bool is_writable_ = true;   // guarded by mutex_
    bool is_draining_ = false;  // guarded by mutex_
    std::optional<std::chrono::steady_clock::time_point>
        looking_since_;  // guarded by mutex_: a look under way
    std::jthread thread_;
};

}  // namespace headwater::app
