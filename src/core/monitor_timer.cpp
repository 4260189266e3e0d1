#include "core/monitor_timer.hpp"

#include <algorithm>
#include <utility>

#include "core/log.hpp"
#include "core/monitor_metrics.hpp"
#include "core/work_pool.hpp"

namespace headwater {

MonitorTimer::MonitorTimer(std::unique_ptr<LateMonitors> late, MonitorMetrics& metrics, Options options)
    : late_(std::move(late)),
      metrics_(metrics),
      options_(options),
      thread_([this](const std::stop_token& stop) {
          name_this_thread("monitors");
          run(stop);
      }) {}

MonitorTimer::~MonitorTimer() {
    stop();
}

void MonitorTimer::stop() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
}

void MonitorTimer::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) sleep(stop, turn());
}

std::chrono::microseconds MonitorTimer::turn() {
    try {
        const LateRound round = late_->turn();
        is_away_ = false;
        for (const double delay : round.delays) metrics_.monitor_died(delay);
        if (round.has_more) return std::chrono::microseconds(0);
        const std::chrono::microseconds most = options_.longest_sleep;
        return std::clamp<std::chrono::microseconds>(round.next.value_or(most), options_.shortest_sleep,
                                                     most);
    } catch (const std::exception& error) {
        if (!std::exchange(is_away_, true)) log::warn("monitors.unavailable", {{"error", error.what()}});
        return options_.longest_sleep;
    }
}

void MonitorTimer::sleep(const std::stop_token& stop, std::chrono::microseconds time) {
    std::unique_lock lock(mutex_);
    stopped_.wait_for(lock, stop, time, [] { return false; });
}

}  // namespace headwater
