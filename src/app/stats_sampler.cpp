#include "app/stats_sampler.hpp"

#include <utility>

#include "core/log.hpp"
#include "core/work_pool.hpp"

namespace headwater::app {
StatsSampler::StatsSampler(Read read, const Clock& clock, StatsHistory& history)
    : read_(std::move(read)), clock_(clock), history_(history), thread_([this](const std::stop_token& stop) {
          name_this_thread("stats");
          run(stop);
      }) {}

StatsSampler::~StatsSampler() {
    thread_.request_stop();
    thread_.join();
}

void StatsSampler::run(const std::stop_token& stop) {
    auto next = clock_.steady_now();
    while (!stop.stop_requested()) {
        try {
            history_.add(read_(), clock_.now());
        } catch (const std::exception& error) {
            log::warn("stats.unread", {{"error", error.what()}});
        }
        next += StatsHistory::kStep;
        std::unique_lock lock(mutex_);
        stopped_.wait_until(lock, stop, next, [] { return false; });
    }
}

}  // namespace headwater::app
