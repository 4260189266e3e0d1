#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

namespace headwater::ws {

/// A coarse timer for many: entries come up in the tick after they are due. Adding and taking cost the same
/// however many there are; an entry further away than the wheel reaches is looked at once a turn.
class TimerWheel {
  public:
    using Time = std::chrono::steady_clock::time_point;
    struct Entry {
        std::uint64_t id;
        Time due;
    };

    TimerWheel(std::chrono::nanoseconds tick, std::size_t slots, Time start);
    void add(const Entry& entry);
    /// Moves on to `now` and returns what is due.
    [[nodiscard]] std::vector<Entry> take_due(Time now);

  private:
    [[nodiscard]] std::int64_t tick_of(Time time) const { return (time - start_) / tick_; }

    const std::chrono::nanoseconds tick_;
    const Time start_;
    std::int64_t done_ = 0;  ///< the last tick that was taken
    std::vector<std::vector<Entry>> slots_;
};

}  // namespace headwater::ws
