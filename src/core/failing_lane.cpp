#include "core/failing_lane.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace headwater {

Timestamp to_wall(std::chrono::steady_clock::time_point due, const StreamMoment& moment) {
    return moment.now + std::chrono::duration_cast<std::chrono::microseconds>(due - moment.steady);
}

std::chrono::steady_clock::time_point to_steady(Timestamp due, const StreamMoment& moment) {
    // Clocks may have been set since: a wait is never longer than the longest there is.
    const auto wait = std::clamp<std::chrono::microseconds>(due - moment.now, std::chrono::microseconds(0),
                                                            RetryPolicy::kLongestWait * 2);
    return moment.steady + wait;
}

void FailingLane::restart(Rows rows) {
    window_ = FailingWindow();
    ledger_.end_read();
    loading_.clear();
    backoff_.reset();
    not_before_ = TimePoint::min();
    wants_read_ = rows == Rows::reads;
    is_complete_ = !wants_read_;
    is_reading_ = must_read_again_ = false;
    is_first_read_ = true;
    read_after_ = EventId{};
}

void FailingLane::want_work() {
    wants_read_ = true;
    read_after_ = EventId{};
    must_read_again_ = is_reading_;
}

/// A life begins with what is stored: what the life before has left must be stored first.
bool FailingLane::may_read(const SubjectQueues* subjects) const {
    if (!wants_read_ || is_reading_) return false;
    if (is_first_read_ && !ledger_.is_clean()) return false;
    if (read_after_ == EventId{} || subjects != nullptr) return true;
    return window_.under_way() < kPartRows && window_.read() < kMaxRead;
}

void FailingLane::advance(const RunnerKey& key, const StreamMoment& moment, const SubjectQueues* subjects) {
    window_.release_due(moment.steady);
    if (moment.steady < not_before_ || !may_read(subjects)) return;
    is_reading_ = true;
    ledger_.begin_read();
    host_.read_work(key, read_after_, kPartRows);
}

void FailingLane::load(const RunnerKey& key, const StreamMoment& moment) {
    if (moment.steady < not_before_ || !loading_.empty() || window_.absent() == 0) return;
    if (window_.ready() >= kLoadAtOnce || (moment.is_tight && window_.bytes() > 0)) return;
    loading_ = window_.begin_load(moment.is_tight ? 1 : kLoadAtOnce);
    host_.find(key, loading_);
}

void FailingLane::on_work(const std::optional<StreamWork>& work, const StreamMoment& moment,
                          SubjectQueues* subjects) {
    is_reading_ = false;
    if (!work) {
        ledger_.end_read();
        not_before_ = moment.steady + backoff_.next();
        return;
    }
    backoff_.reset();
    is_first_read_ = false;
    for (const FailingEvent& row : work->failing) take_row(row, moment, subjects);
    ledger_.end_read();
    if (std::exchange(must_read_again_, false)) return;  // from the beginning
    wants_read_ = work->has_more_failing && !work->failing.empty();
    read_after_ = wants_read_ ? work->failing.back().id : EventId{};
    if (!wants_read_) is_complete_ = true;
}

void FailingLane::take_row(const FailingEvent& row, const StreamMoment& moment, SubjectQueues* subjects) {
    if (window_.contains(row.id) || ledger_.has_left_since_read(row.id)) return;
    FailingEvent taken = row;
    const bool is_held = subjects != nullptr && row.subject && subjects->enter(*row.subject, row.id);
    if (!is_held && row.state == FailingState::held) taken.next_attempt = moment.now;
    taken.state = is_held ? FailingState::held : FailingState::retrying;
    const TimePoint due = to_steady(taken.next_attempt, moment);
    window_.add(std::move(taken), due, FailingWindow::Origin::read);
}

std::vector<FailingEvent> FailingLane::on_found(std::optional<std::vector<EventPtr>> found,
                                                const StreamMoment& moment) {
    std::unordered_map<EventId, EventPtr> events;
    if (found) {
        for (EventPtr& event : *found) events.emplace(event->id, std::move(event));
    } else {
        not_before_ = moment.steady + backoff_.next();
    }
    std::vector<FailingEvent> gone;
    for (const Cursor& asked : std::exchange(loading_, {})) {
        FailingWindow::Item* item = window_.find(asked.position, FailingWindow::State::loading);
        if (item == nullptr) continue;
        if (!found) {
            window_.on_load_failed(*item);
        } else if (const auto event = events.find(asked.position); event != events.end()) {
            window_.on_loaded(*item, std::move(event->second));
        } else {
            gone.push_back(item->row);
            expire(asked.position);
        }
    }
    return gone;
}

void FailingLane::add(FailingEvent row, const StreamMoment& moment) {
    if (window_.contains(row.id)) return;
    ledger_.write(row);
    const TimePoint due = to_steady(row.next_attempt, moment);
    const bool is_revived = row.attempts == 0 && row.replay != ReplayId{};
    window_.add(std::move(row), due, is_revived ? FailingWindow::Origin::read : FailingWindow::Origin::own);
}

void FailingLane::bury(FailingEvent row, const StreamMoment& moment) {
    window_.forget(row.id);
    row.state = FailingState::dead;
    row.died_at = moment.now;
    ledger_.write(std::move(row));
}

void FailingLane::fail(FailingWindow::Item& item, const DeliveryResult& result, TimePoint due,
                       const StreamMoment& moment) {
    item.row.state = FailingState::retrying;
    item.row.next_attempt = to_wall(due, moment);
    item.row.last_error = result.reason;
    item.row.last_status = result.status;
    item.row.progress = result.progress;
    window_.wait(item, due);
    ledger_.write(item.row);
}

void FailingLane::settle(EventId event) {
    window_.forget(event);
    ledger_.settle(event);
}

void FailingLane::expire(EventId event) {
    window_.forget(event);
    ledger_.expire(event);
}

/// A death that was stored although its save seemed to fail may have been undone by an operator already,
/// which then stands: what was read before that save ended may be wrong.
void FailingLane::on_saved(bool is_saved) {
    if (!is_saved) has_doubtful_deaths_ = has_doubtful_deaths_ || ledger_.is_saving_deaths();
    ledger_.on_saved(is_saved);
    if (is_saved && std::exchange(has_doubtful_deaths_, false)) want_work();
}

std::size_t FailingLane::weight() const {
    return window_.own() + std::min(window_.read(), kMostWeight);
}

std::optional<FailingLane::TimePoint> FailingLane::next_wake(const StreamMoment& moment) const {
    std::optional<TimePoint> wake = window_.next_due();
    const bool waits_to_read = (wants_read_ && !is_reading_) || (window_.absent() > 0 && loading_.empty());
    if (waits_to_read && not_before_ > moment.steady)
        wake = wake ? std::min(*wake, not_before_) : not_before_;
    return wake;
}

}  // namespace headwater
