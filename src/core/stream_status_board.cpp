#include "core/stream_status_board.hpp"

#include <algorithm>

namespace headwater {

void StreamStatusBoard::update(std::span<Entry> entries, Cursor tail) {
    const std::lock_guard lock(mutex_);
    tail_ = tail;
    for (Entry& entry : entries) {
        const StreamId stream = entry.stream;
        entries_.insert_or_assign(stream, std::move(entry));
    }
}

void StreamStatusBoard::remove(StreamId stream) {
    const std::lock_guard lock(mutex_);
    entries_.erase(stream);
}

std::optional<StreamStatus> StreamStatusBoard::find(StreamId stream,
                                                    std::chrono::steady_clock::time_point now) const {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(stream);
    if (found == entries_.end()) return std::nullopt;
    StreamStatus status = found->second.status;
    status.delivered_per_second = found->second.rate.per_second(now);
    // An idle stream is not touched while others get events: its cursor moves with the tail.
    const bool is_idle = status.is_at_head && status.waiting + status.in_flight + status.set_aside == 0;
    if (is_idle) status.cursor = std::max(status.cursor, tail_);
    return status;
}

}  // namespace headwater
