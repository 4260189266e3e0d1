#pragma once

#include <atomic>
#include <chrono>
#include <mutex>

#include "core/time.hpp"

namespace headwater {
class LogReader;
}

namespace headwater::rest {

/// Knows which slices are closed: remembers the log's clock, which never goes back, and asks the log only
/// when the answer could have changed. Thread-safe.
class LogClock {
  public:
    LogClock(LogReader& log, const Clock& clock) : log_(log), clock_(clock) {}

    /// The log's clock once it has passed `end`, as far as it is known without asking.
    [[nodiscard]] bool is_known_past(Timestamp end) const { return known() >= end; }
    /// True when no event can be stored before `end` any more. Blocking; moves the clock of an idle log.
    /// Throws Unavailable.
    [[nodiscard]] bool has_passed(Timestamp end);
    [[nodiscard]] Timestamp known() const {
        return Timestamp(Timestamp::duration(known_.load(std::memory_order_acquire)));
    }

  private:
    static constexpr std::chrono::milliseconds kPause{50};  ///< between two questions

    LogReader& log_;
    const Clock& clock_;
    std::atomic<Timestamp::rep> known_{Timestamp::min().time_since_epoch().count()};
    std::mutex asking_;
    std::chrono::steady_clock::time_point asked_{};  // guarded by asking_
};

}  // namespace headwater::rest
