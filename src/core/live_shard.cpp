#include "core/live_shard.hpp"

#include <algorithm>
#include <map>

namespace headwater {

LiveShard::LiveShard(const LiveParts& parts, LiveExecutor executor)
    : parts_(parts),
      executor_(std::move(executor)),
      reader_(parts_.broadcast.add_reader([this] { post([this] { run(); }); })) {}

std::unique_ptr<LiveSubscription> LiveShard::subscribe(LiveFilter filter, const LiveEncoder& encoder,
                                                       LiveSubscriber& subscriber) {
    join_broadcast();
    auto subscription =
        std::make_unique<LiveSubscription>(*this, ++last_id_, std::move(filter), encoder, subscriber);
    subscriptions_.emplace(last_id_, subscription.get());
    return subscription;
}

std::unique_ptr<LiveSubscription> LiveShard::subscribe(LiveSelection& selection, const LiveEncoder& encoder,
                                                       LiveSubscriber& subscriber) {
    join_broadcast();
    auto subscription = std::make_unique<LiveSubscription>(*this, ++last_id_, selection, encoder, subscriber);
    subscriptions_.emplace(last_id_, subscription.get());
    return subscription;
}

void LiveShard::join_broadcast() {
    if (!subscriptions_.empty()) return;
    recent_ = parts_.broadcast.join(reader_);
    next_entry_ = recent_.next_number();
    next_event_ = 0;
    position_ = recent_.end();
}

void LiveShard::remove(LiveSubscription& subscription) {
    subscription.leave_group();
    subscriptions_.erase(subscription.id_);
    if (!subscriptions_.empty()) return;
    parts_.broadcast.leave(reader_);
    recent_.reset(Position{}, std::nullopt, 0);
    next_entry_ = 0;
}

LiveSubscription* LiveShard::find(std::uint64_t id) const {
    const auto found = subscriptions_.find(id);
    return found == subscriptions_.end() ? nullptr : found->second;
}

void LiveShard::run() {
    if (subscriptions_.empty()) return;
    take_new();
    fan_out_slice();
    if (next_entry_ == recent_.next_number() || is_scheduled_) return;
    is_scheduled_ = true;
    post([this] {
        is_scheduled_ = false;
        run();
    });
}

void LiveShard::take_new() {
    if (!parts_.broadcast.catch_up(reader_, recent_)) recover_from_overrun();
    recent_.trim(parts_.recent, next_entry_);
}

void LiveShard::fan_out_slice() {
    std::vector<EventPtr> slice;
    std::size_t bytes = 0;
    for (; next_entry_ < recent_.next_number() && bytes < parts_.slice_bytes;
         ++next_entry_, next_event_ = 0) {
        const auto& events = *recent_.entry(next_entry_).events;
        while (next_event_ < events.size() && bytes < parts_.slice_bytes) {
            const EventPtr& event = events[next_event_++];
            bytes += event->json.size();
            slice.push_back(event);
            if (!is_watched(*event)) continue;
            fan_out(slice, event->id);
            slice.clear();
            tell_watchers(event);
        }
        if (next_event_ < events.size()) break;
    }
    const bool is_end = next_entry_ == recent_.next_number();
    if (is_end || !slice.empty()) fan_out(slice, is_end ? recent_.end() : slice.back()->id);
}

bool LiveShard::is_watched(const Event& event) const {
    return std::ranges::any_of(watchers_, [&](const Watcher& watcher) { return watcher.type == event.type; });
}

void LiveShard::tell_watchers(const EventPtr& event) {
    for (const Watcher& watcher : watchers_) {
        if (watcher.type == event->type) watcher.on_event(event);
    }
}

void LiveShard::fan_out(std::span<const EventPtr> events, Position upto) {
    match(events);
    deliver_to_groups(events);
    position_ = std::max(position_, upto);
    deliver_to_ahead(events, position_);
}

void LiveShard::match(std::span<const EventPtr> events) {
    for (std::uint32_t i = 0; i < events.size(); ++i) {
        index_.for_each_match(*events[i], [&](LiveGroup& group) {
            if (group.matched.empty()) touched_.push_back(&group);
            group.matched.push_back(i);
        });
    }
}

void LiveShard::deliver_to_groups(std::span<const EventPtr> events) {
    std::map<std::pair<const LiveEncoder*, std::vector<std::uint32_t>>, LiveChunkPtr> chunks;
    const auto chunk_of = [&](const LiveEncoder* encoder, std::vector<std::uint32_t>& matched) {
        auto& shared = chunks[{encoder, matched}];
        if (!shared) {
            auto chunk = std::make_shared<LiveChunk>();
            for (const std::uint32_t i : matched) encoder->encode(events[i], *chunk);
            shared = std::move(chunk);
        }
        matched.clear();
        return shared;
    };
    std::size_t messages = 0;
    for (LiveGroup* group : touched_) {
        if (group->kind == LiveGroup::Kind::place) {
            gather(*group, events);
            group->matched.clear();
            continue;
        }
        const LiveChunkPtr chunk = chunk_of(group->encoder, group->matched);
        for (LiveSubscription* member : group->members) member->subscriber_.deliver(chunk);
        messages += chunk->events() * group->members.size();
    }
    touched_.clear();
    for (LiveSubscription* member : gathered_) {
        std::ranges::sort(member->matched_);  // the places came one after the other
        const LiveChunkPtr chunk = chunk_of(&member->encoder_, member->matched_);
        member->subscriber_.deliver(chunk);
        messages += chunk->events();
    }
    gathered_.clear();
    if (messages > 0) parts_.metrics.live_messages(messages);
}

void LiveShard::gather(const LiveGroup& group, std::span<const EventPtr> events) {
    for (const std::uint32_t i : group.matched) {
        for (LiveSubscription* member : group.members) {
            if (!member->selection_->admits(*events[i])) continue;
            if (member->matched_.empty()) gathered_.push_back(member);
            member->matched_.push_back(i);
        }
    }
}

void LiveShard::deliver_to_ahead(std::span<const EventPtr> events, Position upto) {
    for (LiveSubscription* subscription : ahead_) {
        auto chunk = std::make_shared<LiveChunk>();
        for (const EventPtr& event : events) {
            if (event->id <= subscription->position_ || !subscription->matches(*event)) continue;
            subscription->encoder_.encode(event, *chunk);
        }
        if (chunk->events() == 0) continue;
        parts_.metrics.live_messages(chunk->events());
        subscription->subscriber_.deliver(chunk);
    }
    std::erase_if(ahead_, [&](LiveSubscription* subscription) {
        if (subscription->position_ > upto) return false;
        subscription->join_group();
        return true;
    });
}

void LiveShard::recover_from_overrun() {
    const Position reached = position_;
    next_entry_ = recent_.next_number();
    next_event_ = 0;
    position_ = recent_.end();
    for (const auto& [id, subscription] : subscriptions_) {
        if (!subscription->is_live()) continue;
        subscription->fall_back(reached);
        post([this, key = id] {
            auto* behind = find(key);
            if (behind && behind->subscriber_.is_drained()) behind->drained();
        });
    }
    for (const Watcher& watcher : watchers_) watcher.on_missed();
}

}  // namespace headwater
