#include "core/wake_list.hpp"

namespace headwater {

void WakeList::set(StreamId stream, std::optional<TimePoint> time) {
    if (const auto found = times_.find(stream); found != times_.end()) {
        if (time == found->second) return;
        by_time_.erase({found->second, stream});
        times_.erase(found);
    }
    if (!time) return;
    times_.emplace(stream, *time);
    by_time_.emplace(*time, stream);
}

std::optional<StreamId> WakeList::take_due(TimePoint now) {
    if (by_time_.empty() || by_time_.begin()->first > now) return std::nullopt;
    const StreamId stream = by_time_.begin()->second;
    set(stream, std::nullopt);
    return stream;
}

std::optional<WakeList::TimePoint> WakeList::next() const {
    if (by_time_.empty()) return std::nullopt;
    return by_time_.begin()->first;
}

}  // namespace headwater
