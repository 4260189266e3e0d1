#include "core/dispatcher_inbox.hpp"

#include <algorithm>
#include <utility>

namespace headwater {

void DispatcherInbox::post_events(const EventBatch& events, Position position) {
    std::size_t bytes = 0;
    for (const EventPtr& event : *events) bytes += event->json.size();
    post_with([&] {
        TailNews& tail = messages_.tail;
        tail_bytes_ += bytes;
        if (tail_bytes_ > kMaxTailBytes || !tail.lost_types.empty()) {
            let_go(*events);
        } else if (!events->empty()) {
            tail.batches.push_back(events);
        }
        if (!tail.upto) tail.upto = Cursor{};
        tail.upto->position = std::max(tail.upto->position, position);
        if (!events->empty()) tail.upto->at = events->back()->created_at;
    });
}

void DispatcherInbox::let_go(const std::vector<EventPtr>& events) {
    TailNews& tail = messages_.tail;
    for (const EventBatch& batch : tail.batches) {
        for (const EventPtr& event : *batch) tail.lost_types.insert(event->type);
    }
    tail.batches.clear();
    for (const EventPtr& event : events) tail.lost_types.insert(event->type);
}

void DispatcherInbox::post(RegistryViewPtr view) {
    post_with([&] { messages_.view = std::move(view); });
}

void DispatcherInbox::post_stop() {
    post_with([&] { messages_.is_stopping = true; });
}

DispatcherInbox::Messages DispatcherInbox::wait_until(
    std::optional<std::chrono::steady_clock::time_point> time) {
    std::unique_lock lock(mutex_);
    const auto is_there = [this] { return has_messages_; };
    if (time) {
        changed_.wait_until(lock, *time, is_there);
    } else {
        changed_.wait(lock, is_there);
    }
    has_messages_ = false;
    tail_bytes_ = 0;
    return std::exchange(messages_, Messages{});
}

}  // namespace headwater
