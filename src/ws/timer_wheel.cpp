#include "ws/timer_wheel.hpp"

#include <algorithm>

namespace headwater::ws {

TimerWheel::TimerWheel(std::chrono::nanoseconds tick, std::size_t slots, Time start)
    : tick_(tick), start_(start), slots_(slots) {}

void TimerWheel::add(std::uint64_t id, Time due) {
    const auto reach = static_cast<std::int64_t>(slots_.size()) - 1;
    const std::int64_t tick = std::clamp(tick_of(due) + 1, done_ + 1, done_ + reach);
    slots_[static_cast<std::size_t>(tick) % slots_.size()].push_back(id);
}

std::vector<std::uint64_t> TimerWheel::take_due(Time now) {
    std::vector<std::uint64_t> due;
    const std::int64_t current = tick_of(now);
    // A thread that slept for longer than a turn of the wheel takes each slot once.
    done_ = std::max(done_, current - static_cast<std::int64_t>(slots_.size()));
    while (done_ < current) {
        auto& slot = slots_[static_cast<std::size_t>(++done_) % slots_.size()];
        due.insert(due.end(), slot.begin(), slot.end());
        slot = {};
    }
    return due;
}

}  // namespace headwater::ws
