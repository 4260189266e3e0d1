#include "core/position_times.hpp"

#include <iterator>

namespace headwater {

void PositionTimes::add(Position position, Timestamp at) {
    const std::lock_guard lock(mutex_);
    if (known_.size() >= kMaxKnown) known_.clear();
    known_.emplace(position, at);
}

std::optional<Timestamp> PositionTimes::find(Position position) const {
    const std::lock_guard lock(mutex_);
    const auto above = known_.lower_bound(position);
    if (above == known_.end()) return std::nullopt;
    if (above->first == position) return above->second;
    if (above == known_.begin()) return std::nullopt;
    const auto below = std::prev(above);
    if (above->second - below->second > kClose) return std::nullopt;
    return below->second;
}

}  // namespace headwater
