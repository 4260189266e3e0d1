#include "ws/timer_wheel.hpp"

#include <algorithm>

namespace headwater::ws {

TimerWheel::TimerWheel(std::chrono::nanoseconds tick, std::size_t slots, Time start)
    : tick_(tick), start_(start), slots_(slots) {}

void TimerWheel::add(const Entry& entry) {
    const auto reach = static_cast<std::int64_t>(slots_.size()) - 1;
    const std::int64_t tick = std::clamp(tick_of(entry.due) + 1, done_ + 1, done_ + reach);
    slots_[static_cast<std::size_t>(tick) % slots_.size()].push_back(entry);
}

std::vector<TimerWheel::Entry> TimerWheel::take_due(Time now) {
    std::vector<Entry> due;
    const std::int64_t current = tick_of(now);
    // A thread that slept for longer than a turn of the wheel takes each slot once.
    done_ = std::max(done_, current - static_cast<std::int64_t>(slots_.size()));
    while (done_ < current) {
        auto& slot = slots_[static_cast<std::size_t>(++done_) % slots_.size()];
        due.insert(due.end(), slot.begin(), slot.end());
        slot = {};
    }
    const auto too_early = std::ranges::partition(due, [&](const Entry& entry) { return entry.due <= now; });
    for (const Entry& entry : too_early) add(entry);
    due.erase(too_early.begin(), due.end());
    return due;
}

}  // namespace headwater::ws
