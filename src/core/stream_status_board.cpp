#include "core/stream_status_board.hpp"

#include <algorithm>

namespace headwater {

void StreamStatusBoard::update(std::span<Entry> entries, Cursor tail) {
    const std::lock_guard lock(mutex_);
    tail_ = tail;
    for (Entry& entry : entries) statuses_.insert_or_assign(entry.first, std::move(entry.second));
}

void StreamStatusBoard::remove(StreamId stream) {
    const std::lock_guard lock(mutex_);
    statuses_.erase(stream);
}

std::optional<StreamStatus> StreamStatusBoard::find(StreamId stream) const {
    const std::lock_guard lock(mutex_);
    const auto found = statuses_.find(stream);
    if (found == statuses_.end()) return std::nullopt;
    StreamStatus status = found->second;
    // An idle stream is not touched while others get events: its cursor moves with the tail.
    const bool is_idle = status.is_at_head && status.waiting + status.in_flight + status.set_aside == 0;
    if (is_idle) status.cursor = std::max(status.cursor, tail_);
    return status;
}

}  // namespace headwater
