#include "core/failing_window.hpp"

namespace headwater {

void FailingWindow::add(FailingEvent row, TimePoint due, Origin origin) {
    const EventId id = row.id;
    const bool is_held = row.state == FailingState::held;
    const auto [found, is_new] =
        items_.try_emplace(id, Item{.row = std::move(row), .origin = origin, .state = State::held});
    if (!is_new) return;
    Item& item = found->second;
    ++held_;
    if (origin == Origin::own) ++own_;
    if (item.row.attempts > 0) ++failing_;
    if (is_held) return;
    item.due = due;
    set_state(item, State::waiting);
}

FailingWindow::Item* FailingWindow::find(EventId event) {
    const auto found = items_.find(event);
    return found == items_.end() ? nullptr : &found->second;
}

FailingWindow::Item* FailingWindow::find(EventId event, State state) {
    Item* item = find(event);
    return item != nullptr && item->state == state ? item : nullptr;
}

FailingWindow::Item* FailingWindow::next_ready() {
    return ready_.empty() ? nullptr : find(*ready_.begin());
}

void FailingWindow::wait(Item& item, TimePoint due) {
    if (++item.row.attempts == 1) ++failing_;
    drop_body(item);
    item.due = due;
    set_state(item, State::waiting);
}

void FailingWindow::forget(EventId event) {
    const auto found = items_.find(event);
    if (found == items_.end()) return;
    Item& item = found->second;
    set_state(item, State::held);  // leaves every index
    --held_;
    if (item.origin == Origin::own) --own_;
    if (item.row.attempts > 0) --failing_;
    drop_body(item);
    items_.erase(found);
}

void FailingWindow::release_due(TimePoint now) {
    while (!waiting_.empty() && waiting_.begin()->first <= now) {
        set_state(*find(waiting_.begin()->second), State::absent);
    }
}

std::optional<FailingWindow::TimePoint> FailingWindow::next_due() const {
    if (waiting_.empty()) return std::nullopt;
    return waiting_.begin()->first;
}

std::vector<Cursor> FailingWindow::begin_load(std::size_t limit) {
    std::vector<Cursor> events;
    while (!absent_.empty() && events.size() < limit) {
        Item& item = *find(*absent_.begin());
        events.push_back({item.row.id, item.row.at});
        set_state(item, State::loading);
    }
    return events;
}

void FailingWindow::on_loaded(Item& item, EventPtr event) {
    bytes_ += event->json.size();
    item.event = std::move(event);
    set_state(item, State::ready);
}

void FailingWindow::drop_body(Item& item) {
    if (!item.event) return;
    bytes_ -= item.event->json.size();
    item.event = nullptr;
}

void FailingWindow::set_state(Item& item, State state) {
    const EventId id = item.row.id;
    if (item.state == State::waiting) waiting_.erase({item.due, id});
    if (item.state == State::held) --held_;
    if (item.state == State::absent) absent_.erase(id);
    if (item.state == State::ready) ready_.erase(id);
    if (item.state == State::in_flight) --in_flight_;
    item.state = state;
    if (state == State::waiting) waiting_.insert({item.due, id});
    if (state == State::held) ++held_;
    if (state == State::absent) absent_.insert(id);
    if (state == State::ready) ready_.insert(id);
    if (state == State::in_flight) ++in_flight_;
}

}  // namespace headwater
