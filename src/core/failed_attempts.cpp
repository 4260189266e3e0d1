#include "core/failed_attempts.hpp"

#include <algorithm>

namespace headwater {

using std::chrono::milliseconds;

std::optional<milliseconds> FailedAttempts::wait_of(SteadyTime forgiven_at, SteadyTime now) const {
    const auto over = forgiven_at + bounds_.each - now - bounds_.each * bounds_.at_once;
    if (over <= SteadyTime::duration::zero()) return std::nullopt;
    return std::chrono::ceil<milliseconds>(over);
}

std::optional<milliseconds> FailedAttempts::add(const RemoteAddress& address, SteadyTime now) {
    const std::lock_guard lock(mutex_);
    auto found = by_address_.find(address);
    if (found == by_address_.end()) {
        if (records_.size() >= bounds_.addresses) {
            by_address_.erase(records_.back().address);
            records_.pop_back();
        }
        records_.push_front({address, now});
        found = by_address_.emplace(address, records_.begin()).first;
    } else {
        records_.splice(records_.begin(), records_, found->second);
    }
    Record& record = *found->second;
    record.forgiven_at = std::max(record.forgiven_at, now);
    if (const auto wait = wait_of(record.forgiven_at, now)) return wait;
    record.forgiven_at += bounds_.each;
    return std::nullopt;
}

}  // namespace headwater
