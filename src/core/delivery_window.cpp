#include "core/delivery_window.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace headwater {

void DeliveryWindow::add(EventPtr event) {
    const EventId id = event->id;
    bytes_ += event->json.size();
    bool is_held = false;
    if (is_by_subject(*event)) {
        auto& queue = subjects_[*event->subject];
        is_held = !queue.empty();
        queue.push_back(id);
    }
    Item& item = items_.emplace(id, Item{.event = std::move(event)}).first->second;
    if (is_held) {
        item.state = ItemState::held;
    } else {
        ready_.insert(id);
    }
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
    const EventPtr event = item.event;
    if (order_ == StreamOrder::strict) {
        set_state(item, ItemState::confirmed);
        while (!items_.empty() && items_.begin()->second.state == ItemState::confirmed)
            forget(items_.begin());
        return;
    }
    forget(items_.find(event->id));
    if (is_by_subject(*event)) release_subject(*event);
}

void DeliveryWindow::fail(Item& item, TimePoint due) {
    if (++item.attempts == 1) ++failing_;
    if (order_ == StreamOrder::strict) {
        rewind(item, due);
        set_state(item, ItemState::ready);
        return;
    }
    item.due = due;
    set_state(item, ItemState::set_aside);
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
        set_state(items_.find(set_aside_.begin()->second)->second, ItemState::ready);
    }
    if (rewind_to_) rewind_due_ = std::min(rewind_due_, now);
}

std::optional<DeliveryWindow::TimePoint> DeliveryWindow::next_due() const {
    if (rewind_to_ && in_flight_ == 0) return rewind_due_;
    if (!set_aside_.empty()) return set_aside_.begin()->first;
    return std::nullopt;
}

bool DeliveryWindow::has_room(std::size_t window) const {
    if (items_.empty()) return true;
    if (is_rewinding() || bytes_ >= kMaxBytes) return false;
    // A strict stream repeats at most one window, so what is confirmed out of turn counts as well.
    if (order_ == StreamOrder::strict) return items_.size() < window;
    return set_aside() < kMaxSetAside;
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

void DeliveryWindow::release_subject(const Event& event) {
    const auto found = subjects_.find(*event.subject);
    if (found == subjects_.end()) return;
    assert(found->second.front() == event.id);
    found->second.pop_front();
    if (found->second.empty()) {
        subjects_.erase(found);
    } else {
        set_state(items_.find(found->second.front())->second, ItemState::ready);
    }
}

bool DeliveryWindow::is_by_subject(const Event& event) const {
    return order_ == StreamOrder::subject && event.subject.has_value();
}

}  // namespace headwater
