#include "core/recent_events.hpp"

#include <algorithm>

namespace headwater {

void RecentEvents::reset(Position position, std::optional<Timestamp> at, std::uint64_t next) {
    entries_.clear();
    bytes_ = events_ = 0;
    first_ = next;
    floor_ = end_ = position;
    floor_at_ = at;
}

void RecentEvents::push(const EventBatch& events) {
    Entry entry{events, events->back()->id, 0};
    for (const auto& event : *events) entry.bytes += event->json.size();
    bytes_ += entry.bytes;
    events_ += events->size();
    advance(entry.end);
    entries_.push_back(std::move(entry));
}

void RecentEvents::trim(const Bounds& bounds, std::uint64_t keep_from) {
    while (!entries_.empty() && first_ < keep_from && (bytes_ > bounds.bytes || events_ > bounds.events)) {
        const Entry& oldest = entries_.front();
        floor_ = oldest.end;
        floor_at_ = oldest.events->back()->created_at;
        bytes_ -= oldest.bytes;
        events_ -= oldest.events->size();
        entries_.pop_front();
        ++first_;
    }
}

std::size_t RecentEvents::index_after(Position position) const {
    const auto found = std::ranges::upper_bound(entries_, position, {}, &Entry::end);
    return static_cast<std::size_t>(found - entries_.begin());
}

std::optional<Timestamp> RecentEvents::time_at(Position position) const {
    std::optional<Timestamp> at = floor_at_;
    const std::size_t index = index_after(position);
    if (index > 0) at = entries_[index - 1].events->back()->created_at;
    if (index == entries_.size()) return at;
    for (const auto& event : *entries_[index].events) {
        if (event->id > position) break;
        at = event->created_at;
    }
    return at;
}

void RecentEvents::for_each_after(Position position,
                                  const std::function<bool(const EventPtr&)>& visit) const {
    for (std::size_t i = index_after(position); i < entries_.size(); ++i) {
        for (const auto& event : *entries_[i].events) {
            if (event->id > position && !visit(event)) return;
        }
    }
}

}  // namespace headwater
