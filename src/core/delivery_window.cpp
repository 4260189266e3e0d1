#include "core/delivery_window.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace headwater {

DeliveryWindow::Item& DeliveryWindow::insert(EventPtr event) {
    const EventId id = event->id;
    bytes_ += event->json.size();
    return items_.emplace(id, Item{.event = std::move(event), .state = ItemState::held}).first->second;
}

void DeliveryWindow::add(EventPtr event) {
    set_state(insert(std::move(event)), ItemState::ready);
}

void DeliveryWindow::add_held(EventPtr event) {
    insert(std::move(event));
}

bool DeliveryWindow::release(EventId id) {
    const auto found = items_.find(id);
    if (found == items_.end() || found->second.state != ItemState::held) return false;
    set_state(found->second, ItemState::ready);
    return true;
}

DeliveryWindow::Item* DeliveryWindow::next_ready() {
    if (ready_.empty() || is_rewinding()) return nullptr;
    return &items_.find(*ready_.begin())->second;
}

void DeliveryWindow::begin(Item& item) {
    set_state(item, ItemState::in_flight);
}

DeliveryWindow::Item* DeliveryWindow::find_in_flight(EventId id) {
    const auto found = items_.find(id);
    if (found == items_.end() || found->second.state != ItemState::in_flight) return nullptr;
    return &found->second;
}

void DeliveryWindow::settle(Item& item) {
    if (order_ != StreamOrder::strict) return forget(items_.find(item.event->id));
    set_state(item, ItemState::confirmed);
    while (!items_.empty() && items_.begin()->second.state == ItemState::confirmed) forget(items_.begin());
}

void DeliveryWindow::fail(Item& item, TimePoint due, const DeliveryResult& result) {
    if (item.attempts == 0) ++failing_;
    item.attempts = attempts_after_failure(item);
    item.is_forwarded = false;
    item.last_error = result.reason;
    item.progress = result.progress;
    item.last_status = result.status;
    item.has_wish = result.retry_after.has_value();
    item.due = due;
    if (order_ == StreamOrder::strict) rewind(item, due);
    set_state(item, order_ == StreamOrder::strict ? ItemState::ready : ItemState::set_aside);
}

void DeliveryWindow::send_again(Item& item) {
    if (order_ == StreamOrder::strict) rewind(item, TimePoint::min());
    set_state(item, ItemState::ready);
}

bool DeliveryWindow::release_due(TimePoint now) {
    while (!set_aside_.empty() && set_aside_.begin()->first <= now) {
        set_state(items_.find(set_aside_.begin()->second)->second, ItemState::ready);
    }
    if (!rewind_to_ || in_flight_ > 0 || now < rewind_due_) return false;
    for (auto item = items_.lower_bound(*rewind_to_); item != items_.end(); ++item) {
        set_state(item->second, ItemState::ready);
    }
    rewind_to_.reset();
    return true;
}

void DeliveryWindow::release_all(TimePoint now) {
    while (!set_aside_.empty()) {
        Item& item = items_.find(set_aside_.begin()->second)->second;
        item.is_forwarded = true;
        set_state(item, ItemState::ready);
    }
    if (rewind_to_) rewind_due_ = std::min(rewind_due_, now);
}

bool DeliveryWindow::forward_first() {
    for (const auto& [due, id] : set_aside_) {
        Item& item = items_.find(id)->second;
        if (item.has_wish) continue;
        item.is_forwarded = true;
        set_state(item, ItemState::ready);
        return true;
    }
    return false;
}

DeliveryWindow::Item DeliveryWindow::take_lowest() {
    Item taken = items_.begin()->second;
    forget(items_.begin());
    return taken;
}

/// What was confirmed behind the event that goes on next comes again after it.
void DeliveryWindow::skip_lowest(TimePoint now) {
    const EventId skipped = items_.begin()->first;
    forget(items_.begin());
    while (!items_.empty() && items_.begin()->second.state == ItemState::confirmed) forget(items_.begin());
    if (rewind_to_ != skipped) return;
    rewind_to_.reset();
    if (!items_.empty()) rewind(items_.begin()->second, now);
}

std::optional<DeliveryWindow::TimePoint> DeliveryWindow::next_due() const {
    if (rewind_to_ && in_flight_ == 0) return rewind_due_;
    if (!set_aside_.empty()) return set_aside_.begin()->first;
    return std::nullopt;
}

bool DeliveryWindow::has_room(std::size_t window, std::size_t rows) const {
    if (is_rewinding() || (bytes_ >= kMaxBytes && !items_.empty())) return false;
    // A strict stream repeats at most one window, so what is confirmed out of turn counts as well.
    if (order_ == StreamOrder::strict) return items_.empty() || items_.size() < window;
    return set_aside() + rows < kMaxSetAside;
}

void DeliveryWindow::set_state(Item& item, ItemState state) {
    const EventId id = item.event->id;
    if (item.state == ItemState::in_flight) --in_flight_;
    if (item.state == ItemState::confirmed) --confirmed_;
    if (item.state == ItemState::ready) ready_.erase(id);
    if (item.state == ItemState::set_aside) set_aside_.erase({item.due, id});
    item.state = state;
    if (state == ItemState::in_flight) ++in_flight_;
    if (state == ItemState::confirmed) ++confirmed_;
    if (state == ItemState::ready) ready_.insert(id);
    if (state == ItemState::set_aside) set_aside_.insert({item.due, id});
}

/// The lowest failing event decides where to go back to, and when.
void DeliveryWindow::rewind(const Item& item, TimePoint due) {
    if (rewind_to_ && *rewind_to_ < item.event->id) return;
    rewind_to_ = item.event->id;
    rewind_due_ = due;
}

void DeliveryWindow::forget(Items::iterator item) {
    set_state(item->second, ItemState::held);  // leaves every index
    if (item->second.attempts > 0) --failing_;
    bytes_ -= item->second.event->json.size();
    items_.erase(item);
}

}  // namespace headwater
