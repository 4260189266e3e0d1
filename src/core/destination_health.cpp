#include "core/destination_health.hpp"

#include <algorithm>

namespace headwater {

bool DestinationHealth::note_delivered(TimePoint now) {
    if (now < rest_until_) return false;  // begun before the rest
    const bool is_recovery = is_away();
    backoff_.reset();
    if (is_recovery) {
        is_away_ = is_open_ = false;
        breaker_.reset();
    }
    allowed_ = std::min(allowed_ * 2, kUnlimited);
    if (breaker_) breaker_->count_delivered(now);
    return is_recovery;
}

void DestinationHealth::note_failed(TimePoint now) {
    backoff_.reset();
    is_away_ = false;  // it answers
    if (!breaker_) breaker_ = std::make_unique<CircuitBreaker>();
    breaker_->count_failed(now);
    if (now < rest_until_ || !breaker_->is_tripped()) return;
    is_open_ = true;
    rest_until_ = now + kCircuitRest;
    allowed_ = 1;
}

void DestinationHealth::note_failed_in_order() {
    backoff_.reset();
    is_away_ = false;
}

void DestinationHealth::note_unavailable(TimePoint now) {
    if (now < rest_until_) return;  // one outage settles a whole window: it counts once
    is_away_ = true;
    rest_until_ = now + backoff_.next();
    allowed_ = 1;
}

std::optional<DestinationHealth::TimePoint> DestinationHealth::rests_until(TimePoint now) const {
    if (now < rest_until_) return rest_until_;
    return std::nullopt;
}

}  // namespace headwater
