#include "rest/log_clock.hpp"

#include "core/event_log.hpp"

namespace headwater::rest {

bool LogClock::has_passed(Timestamp end) {
    if (is_known_past(end)) return true;
    if (end > clock_.now()) return false;
    const std::lock_guard lock(asking_);
    const auto now = clock_.steady_now();
    if (is_known_past(end) || (asked_ != decltype(asked_){} && now - asked_ < kPause))
        return is_known_past(end);
    asked_ = now;
    known_.store(log_.advance_clock().clock.time_since_epoch().count(), std::memory_order_release);
    return is_known_past(end);
}

}  // namespace headwater::rest
