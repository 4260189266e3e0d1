#include "core/live_subscription.hpp"

#include <algorithm>

#include "core/live_shard.hpp"

namespace headwater {

LiveSubscription::LiveSubscription(LiveShard& shard, std::uint64_t id, LiveFilter filter,
                                   const LiveEncoder& encoder, LiveSubscriber& subscriber)
    : shard_(shard), id_(id), filter_(std::move(filter)), encoder_(encoder), subscriber_(subscriber) {}

LiveSubscription::LiveSubscription(LiveShard& shard, std::uint64_t id, LiveSelection& selection,
                                   const LiveEncoder& encoder, LiveSubscriber& subscriber)
    : shard_(shard),
      id_(id),
      selection_(&selection),
      filter_(LiveFilter::of_subjects({}, {})),
      encoder_(encoder),
      subscriber_(subscriber) {}

LiveSubscription::~LiveSubscription() {
    shard_.remove(*this);
}

void LiveSubscription::start(std::optional<Position> since) {
    if (!since) {
        begin(now(), false, false);
        return go_live();
    }
    if (*since > shard_.recent_.end()) shard_.take_new();
    const RecentEvents& recent = shard_.recent_;
    position_ = *since;
    if (*since == recent.end())
        return on_start(LiveHistory::Start{.at = shard_.parts_.clock.now(), .head = {}});
    if (recent.covers(*since) && *since < recent.end()) {
        if (const auto at = recent.time_at(*since))
            return on_start(LiveHistory::Start{.at = *at, .head = {}});
    }
    shard_.parts_.history.find_start(*since, [&shard = shard_, id = id_](auto found) {
        shard.post([&shard, id, found] {
            if (auto* self = shard.find(id)) self->on_start(found);
        });
    });
}

Position LiveSubscription::now() const {
    return shard_.parts_.broadcast.position();
}

void LiveSubscription::on_start(std::optional<LiveHistory::Start> found) {
    if (!found) return subscriber_.history_failed();
    if (found->head) {
        begin(*found->head, false, true);
    } else {
        // The beginning is wherever the log begins: nothing is missing before it.
        const bool has_gap =
            position_ > Position{} && shard_.parts_.horizon.is_before(found->at, filter_for_reads());
        begin(position_, !has_gap, has_gap);
    }
    replay();
}

void LiveSubscription::begin(Position cursor, bool is_recovered, bool has_gap) {
    position_ = cursor;
    at_.reset();
    state_ = State::replaying;
    subscriber_.begin({cursor, is_recovered, has_gap});
}

void LiveSubscription::drained() {
    if (state_ == State::replaying && !is_reading_) replay();
}

void LiveSubscription::replay() {
    if (filter_for_reads().is_empty()) position_ = std::max(position_, replay_end());
    if (!shard_.recent_.covers(position_)) return replay_from_log();
    bool is_complete = replay_from_memory();
    while (!is_complete && subscriber_.is_drained()) is_complete = replay_from_memory();
    if (is_complete) go_live();
}

Position LiveSubscription::replay_end() const {
    return selection_ != nullptr ? shard_.position_ : shard_.recent_.end();
}

void LiveSubscription::cut(LiveHistory::Page& page) const {
    if (selection_ == nullptr || page.upto <= replay_end()) return;
    const Position end = std::max(position_, replay_end());
    std::erase_if(page.events, [end](const EventPtr& event) { return event->id > end; });
    page.upto = end;
    page.at.reset();
}

// True when it has caught up with what the shard has taken.
bool LiveSubscription::replay_from_memory() {
    LiveChunk chunk;
    const Timestamp now = shard_.parts_.clock.now();
    bool is_complete = true;
    at_.reset();
    shard_.recent_.for_each_after(position_, [&](const EventPtr& event) {
        if (event->id > replay_end()) return false;
        is_complete = chunk.size() < shard_.parts_.slice_bytes;
        if (!is_complete) return false;
        position_ = event->id;
        if (event->is_ephemeral || event->expires_at <= now || !matches(*event)) return true;
        encoder_.encode(event, chunk);
        return true;
    });
    if (is_complete) position_ = std::max(position_, replay_end());
    hand_over(std::move(chunk));
    return is_complete;
}

void LiveSubscription::replay_from_log() {
    is_reading_ = true;
    auto done = [&shard = shard_, id = id_, version = filter_version_](auto page) {
        shard.post([&shard, id, version, page = std::move(page)]() mutable {
            if (auto* self = shard.find(id)) self->on_page(version, std::move(page));
        });
    };
    shard_.parts_.history.read(filter_for_reads(), position_, at_, std::move(done));
}

void LiveSubscription::on_page(std::uint64_t filter_version, std::optional<LiveHistory::Page> page) {
    is_reading_ = false;
    if (!page) return subscriber_.history_failed();
    if (filter_version != filter_version_) return replay();
    cut(*page);
    LiveChunk chunk;
    for (const EventPtr& event : page->events) {
        if (matches(*event)) encoder_.encode(event, chunk);
    }
    position_ = page->upto;
    at_ = page->at;
    hand_over(std::move(chunk));
    if (subscriber_.is_drained()) replay();
}

void LiveSubscription::hand_over(LiveChunk chunk) {
    if (chunk.events() == 0) return;
    shard_.parts_.metrics.live_messages(chunk.events());
    subscriber_.deliver_history(std::make_shared<const LiveChunk>(std::move(chunk)));
}

void LiveSubscription::go_live() {
    state_ = State::live;
    if (position_ > shard_.position_) {
        shard_.ahead_.push_back(this);
    } else {
        join_group();
    }
}

void LiveSubscription::fall_back(Position position) {
    leave_group();
    state_ = State::replaying;
    position_ = std::max(position_, position);
    at_.reset();
}

void LiveSubscription::join_group() {
    if (selection_ == nullptr) {
        place_ = shard_.index_.add(*this, filter_, encoder_);
        return;
    }
    is_in_places_ = true;
    selection_->for_each_place([this](const LiveFilter& place) { join_place(place); });
}

void LiveSubscription::leave_group() {
    if (place_.group != nullptr) {
        if (auto* moved = shard_.index_.remove(place_)) moved->was_moved(*place_.group, place_.index);
    } else if (is_in_places_) {
        for (const auto& [group, index] : places_) leave_place(*group, index);
        places_.clear();
        is_in_places_ = false;
    } else {
        std::erase(shard_.ahead_, this);
    }
    place_ = {};
}

void LiveSubscription::was_moved(LiveGroup& group, std::size_t index) {
    if (selection_ == nullptr) {
        place_.index = index;
    } else {
        places_[&group] = index;
    }
}

void LiveSubscription::join_place(const LiveFilter& place) {
    const auto joined = shard_.index_.add(*this, place, encoder_, LiveGroup::Kind::place);
    places_[joined.group] = joined.index;
}

void LiveSubscription::leave_place(LiveGroup& group, std::size_t index) {
    if (auto* moved = shard_.index_.remove({&group, index})) moved->was_moved(group, index);
}

void LiveSubscription::place_added(const LiveFilter& place) {
    ++filter_version_;
    if (is_in_places_) join_place(place);
}

void LiveSubscription::place_removed(const LiveFilter& place) {
    ++filter_version_;
    if (!is_in_places_) return;
    LiveGroup* group = shard_.index_.find(place, encoder_, LiveGroup::Kind::place);
    const auto found = places_.find(group);
    if (group == nullptr || found == places_.end()) return;
    const std::size_t index = found->second;
    places_.erase(found);
    leave_place(*group, index);
}

Position LiveSubscription::cursor() const {
    return state_ == State::live ? std::max(position_, shard_.position_) : position_;
}

std::expected<void, std::string> LiveSubscription::subscribe(const std::vector<std::string>& filters) {
    auto wider = filter_.with(filters);
    if (!wider) return std::unexpected(wider.error());
    set_filter(std::move(*wider));
    return {};
}

std::expected<void, std::string> LiveSubscription::unsubscribe(const std::vector<std::string>& filters) {
    auto narrower = filter_.without(filters);
    if (!narrower) return std::unexpected(narrower.error());
    set_filter(std::move(*narrower));
    return {};
}

void LiveSubscription::set_filter(LiveFilter filter) {
    const bool is_in_group = place_.group != nullptr;
    if (is_in_group) leave_group();
    filter_ = std::move(filter);
    ++filter_version_;
    if (is_in_group) join_group();
}

}  // namespace headwater
