#include "core/stream_backlog.hpp"

#include <algorithm>
#include <utility>

namespace headwater {
namespace {

/// Just before an event: everything below it is done.
Cursor before(const Event& event) {
    return {Position{event.id.value - 1}, event.created_at};
}

}  // namespace

void StreamBacklog::restart(Cursor from) {
    *this = StreamBacklog(from);
}

void StreamBacklog::offer(const EventPtr& event, bool is_tight) {
    if (event->id <= read_position_.position) return;  // read from the log already
    if (reading_through_) {
        if (event->id > reading_through_->position) remember(event, is_tight);
        return;
    }
    if (!is_at_head_) return;
    if (has_room(*event, is_tight)) {
        take(event);
        read_position_ = {event->id, event->created_at};
    } else {
        is_at_head_ = false;
        read_position_ = before(*event);
    }
}

void StreamBacklog::note_tail(Cursor tail) {
    if (!reading_through_ && read_position_.position >= tail.position) is_at_head_ = true;
    if (is_at_head_) read_position_ = std::max(read_position_, tail);
}

void StreamBacklog::fall_behind(Cursor tail) {
    if (is_at_head_) read_position_ = read_position(tail);
    is_at_head_ = false;
    is_fresh_complete_ = false;
}

std::optional<LogRead> StreamBacklog::begin_read(Cursor tail) {
    if (is_at_head_ || reading_through_ || queue_.size() >= kPageEvents || bytes_ >= kPageBytes) return {};
    reading_through_ = tail;
    is_fresh_complete_ = true;
    return LogRead{.after = read_position_,
                   .through = tail.position,
                   .limit = kPageEvents,
                   .max_bytes = kPageBytes,
                   .with_ephemeral = true};
}

void StreamBacklog::add_page(LogPage page) {
    if (!reading_through_) return;
    const Cursor through = *std::exchange(reading_through_, std::nullopt);
    for (const EventPtr& event : page.events) take(event);
    if (page.is_last || page.events.empty()) {
        read_position_ = std::max(read_position_, through);
        is_at_head_ = is_fresh_complete_;
    } else {
        read_position_ = {page.events.back()->id, page.events.back()->created_at};
    }
    take_fresh();
}

EventPtr StreamBacklog::pop() {
    if (queue_.empty()) return nullptr;
    EventPtr event = std::move(queue_.front());
    queue_.pop_front();
    bytes_ -= event->json.size();
    return event;
}

Cursor StreamBacklog::read_position(Cursor tail) const {
    return is_at_head_ ? std::max(read_position_, tail) : read_position_;
}

bool StreamBacklog::has_room(const Event& event, bool is_tight) const {
    if (queue_.empty() && fresh_.empty()) return true;
    return !is_tight && queue_.size() + fresh_.size() < kMaxEvents && bytes_ + event.json.size() <= kMaxBytes;
}

void StreamBacklog::take(const EventPtr& event) {
    bytes_ += event->json.size();
    queue_.push_back(event);
}

void StreamBacklog::remember(const EventPtr& event, bool is_tight) {
    is_fresh_complete_ = is_fresh_complete_ && has_room(*event, is_tight);
    if (!is_fresh_complete_) return;
    bytes_ += event->json.size();
    fresh_.push_back(event);
}

/// After a page: what was offered meanwhile follows it, or was let go and is read again.
void StreamBacklog::take_fresh() {
    const std::deque<EventPtr> fresh = std::exchange(fresh_, {});
    for (const EventPtr& event : fresh) bytes_ -= event->json.size();
    if (!is_at_head_) return;
    for (const EventPtr& event : fresh) {
        take(event);
        read_position_ = {event->id, event->created_at};
    }
}

}  // namespace headwater
