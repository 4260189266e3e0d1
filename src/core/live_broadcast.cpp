#include "core/live_broadcast.hpp"

#include <algorithm>
#include <limits>

namespace headwater {

std::size_t LiveBroadcast::add_reader(std::function<void()> wake) {
    const std::lock_guard lock(mutex_);
    readers_.push_back({.wake = std::move(wake)});
    return readers_.size() - 1;
}

void LiveBroadcast::begin_at(Position head, std::optional<Timestamp> at) {
    const std::lock_guard lock(mutex_);
    if (recent_.next_number() > 0 || head < recent_.end()) return;
    recent_.reset(head, at, 0);
    position_.store(head.value, std::memory_order_release);
}

void LiveBroadcast::publish(const EventBatch& events, Position position) {
    std::vector<const std::function<void()>*> to_wake;
    {
        const std::lock_guard lock(mutex_);
        const bool has_events = events && !events->empty();
        if (has_events && recent_.next_number() == 0 && recent_.end() == Position{}) {
            recent_.reset(Position{events->front()->id.value - 1}, events->front()->created_at, 0);
        }
        if (has_events) recent_.push(events);
        recent_.advance(position);
        position_.store(recent_.end().value, std::memory_order_release);
        trim();
        for (Reader& reader : readers_) {
            if (!has_events || !reader.is_joined || reader.is_woken) continue;
            reader.is_woken = true;
            to_wake.push_back(&reader.wake);
        }
    }
    for (const auto* wake : to_wake) (*wake)();
}

void LiveBroadcast::trim() {
    std::uint64_t taken = recent_.next_number();
    for (const Reader& reader : readers_) {
        if (reader.is_joined) taken = std::min(taken, reader.next);
    }
    recent_.trim(options_.recent, taken);
    recent_.trim(options_.waiting, std::numeric_limits<std::uint64_t>::max());
}

RecentEvents LiveBroadcast::join(std::size_t reader) {
    const std::lock_guard lock(mutex_);
    readers_[reader].is_joined = true;
    readers_[reader].is_woken = false;
    readers_[reader].next = recent_.next_number();
    return recent_;
}

void LiveBroadcast::leave(std::size_t reader) {
    const std::lock_guard lock(mutex_);
    readers_[reader].is_joined = false;
}

bool LiveBroadcast::catch_up(std::size_t reader, RecentEvents& recent) {
    const std::lock_guard lock(mutex_);
    readers_[reader].is_woken = false;
    readers_[reader].next = recent_.next_number();
    if (recent.next_number() < recent_.first_number()) {
        recent = recent_;
        return false;
    }
    for (auto number = recent.next_number(); number < recent_.next_number(); ++number) {
        recent.push(recent_.entry(number).events);
    }
    recent.advance(recent_.end());
    return true;
}

}  // namespace headwater
