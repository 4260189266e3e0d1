#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

namespace headwater::ws {

/// A coarse timer for many: entries come up in the tick after they are due, early ones for times further away
/// than the wheel reaches (whoever is asked too early adds itself again). Adding and taking cost the same
/// however many there are.
class TimerWheel {
  public:
    using Time = std::chrono::steady_clock::time_point;

    TimerWheel(std::chrono::nanoseconds tick, std::size_t slots, Time start);
    void add(std::uint64_t id, Time due);
    /// Moves on to `now` and returns what has come up.
    [[nodiscard]] std::vector<std::uint64_t> take_due(Time now);

  private:
    [[nodiscard]] std::int64_t tick_of(Time time) const { return (time - start_) / tick_; }

    const std::chrono::nanoseconds tick_;
    const Time start_;
    std::int64_t done_ = 0;  ///< the last tick that was taken
    std::vector<std::vector<std::uint64_t>> slots_;
};

}  // namespace headwater::ws
