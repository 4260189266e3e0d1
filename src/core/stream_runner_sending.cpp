// What a StreamRunner sends, when it wants to be woken, and how it stands. Its lives and what becomes of
// attempts: stream_runner.cpp.
#include <algorithm>
#include <utility>

#include "core/failing_rows.hpp"
#include "core/stream_runner.hpp"

namespace headwater {

void StreamRunner::advance(const StreamMoment& moment) {
    if (is_paused_ || is_draining_) return;
    flow_.backlog().note_tail(moment.tail);
    if (flow_.window().release_due(moment.steady)) destination_.health().restart_ramp();
    failing_.advance(key(), moment, subjects());
    while (send_next(moment)) {
    }
    if (destination_.health().allowance(moment.steady) > 0) failing_.load(key(), moment);
    flow_.read_on(key(), stream_, moment.tail, moment);
}

bool StreamRunner::has_work() const {
    return flow_.window().size() > 0 || flow_.backlog().size() > 0 || failing_.window().under_way() > 0;
}

/// False when nothing more can be sent now. Both lanes get their turn, however much waits in the other.
bool StreamRunner::send_next(const StreamMoment& moment) {
    if (!has_work()) return false;
    if (skip_) apply_skip(moment);
    if (!destination_.open(*stream_, moment, last_error_)) return false;
    if (in_flight() >= destination_.allowance(moment.steady) || !host_.may_send()) return false;
    is_failings_turn_ = !is_failings_turn_;
    if (is_failings_turn_) return send_failing(moment) || send_flow(moment);
    return send_flow(moment) || send_failing(moment);
}

StreamRunner::Item* StreamRunner::next_item(const StreamMoment& moment) {
    Item* item = flow_.next_item(stream_->id, destination_.window(), failing_.weight(), moment, subjects());
    expired_.add(flow_.take_passed_over());
    return item;
}

bool StreamRunner::send_flow(const StreamMoment& moment) {
    // A later event must not go before one of its subject that failed before this node had the stream.
    if (subjects() != nullptr && !failing_.is_complete()) return false;
    Item* item = next_item(moment);
    // A destination that has rested is probed with one event, before its time if need be.
    if (item == nullptr)
        return destination_.health().is_away() && in_flight() == 0 && flow_.window().forward_first();
    const EventPtr event = item->event;
    if (event->expires_at <= moment.now) {
        host_.count(stream_->id, "expired");
        expired_.add(*event);
        flow_.window().settle(*item);
        leave_subject(event->subject, event->id);
    } else {
        flow_.window().begin(*item);
        deliver(event, Lane::flow, item->attempts + 1, item->progress);
    }
    return true;
}

bool StreamRunner::send_failing(const StreamMoment& moment) {
    FailingWindow::Item* item = failing_.window().next_ready();
    if (item == nullptr) return false;
    if (item->event->expires_at <= moment.now) {
        const FailingEvent row = item->row;
        host_.count(stream_->id, "expired");
        note_replayed(row, ReplayedRow::gone);
        failing_.expire(row.id);
        leave_subject(row.subject, row.id);
    } else {
        failing_.window().begin(*item);
        deliver(item->event, Lane::failing, item->row.attempts + 1, item->row.progress, item->row.replay);
    }
    return true;
}

void StreamRunner::deliver(const EventPtr& event, Lane lane, int attempt, const std::string& progress,
                           ReplayId replay) {
    destination_.sink().deliver({.event = event,
                                 .attempt = attempt,
                                 .replay = replay,
                                 .progress = progress,
                                 .settle = host_.settle_for(key(), lane, event->id)});
}

/// The event that an operator gave up becomes dead once it is the stream's next and not under way.
void StreamRunner::apply_skip(const StreamMoment& moment) {
    DeliveryWindow& window = flow_.window();
    const Item* lowest = window.lowest();
    if (lowest == nullptr && flow_.backlog().size() > 0) {
        lowest = flow_.next_item(stream_->id, destination_.window(), 0, moment, nullptr);
        expired_.add(flow_.take_passed_over());
    }
    if (lowest == nullptr || lowest->event->id < *skip_) return;
    if (lowest->event->id == *skip_) {
        if (lowest->state == DeliveryWindow::ItemState::in_flight) return;
        FailingEvent row = row_of(*lowest, FailingState::dead, moment);
        row.last_error = "Skipped by an operator.";
        if (!lowest->event->is_ephemeral) bury(std::move(row), moment);
        window.skip_lowest(moment.steady);
        last_error_.clear();
        if (window.release_due(moment.steady)) destination_.health().restart_ramp();
    }
    skip_.reset();  // done, or the stream has passed it
}

std::optional<StreamRunner::TimePoint> StreamRunner::next_wake(const StreamMoment& moment) const {
    if (is_paused_ || is_draining_) return std::nullopt;
    std::optional<TimePoint> wake;
    const auto consider = [&wake](std::optional<TimePoint> time) {
        if (time && (!wake || *time < *wake)) wake = time;
    };
    const auto rests_until = destination_.health().rests_until(moment.steady);
    if (rests_until && has_work()) consider(rests_until);
    // While the destination rests, what is due waits with it.
    if (!rests_until) {
        consider(flow_.window().next_due());
        consider(failing_.next_wake(moment));
    }
    consider(flow_.next_read(moment));
    return wake;
}

StreamState StreamRunner::state() const {
    if (is_paused_) return StreamState::paused;
    if (destination_.health().is_away() || is_full()) return StreamState::blocked;
    if (flow_.window().has_failing() || failing_.window().has_failing()) return StreamState::retrying;
    return StreamState::running;
}

StreamStatus StreamRunner::status(const StreamMoment& moment) const {
    StreamStatus status{
        .state = state(),
        .since = std::nullopt,
        .cursor = cursor(moment.tail),
        .last_error = last_error_,
        .last_delivered = last_delivered_,
        .in_flight = in_flight(),
        .set_aside = flow_.window().set_aside() + failing_.window().size() - failing_.window().in_flight(),
        .next_attempt = std::nullopt,
        .is_at_head = flow_.backlog().is_at_head(),
        .waiting = flow_.backlog().size(),
        .oldest = flow_.oldest(moment.tail),
        .head = failing_head(moment)};
    if (const auto wake = next_wake(moment); wake && *wake > moment.steady) {
        status.next_attempt = to_wall(*wake, moment);
    }
    return status;
}

std::optional<FailingHead> StreamRunner::failing_head(const StreamMoment& moment) const {
    const Item* lowest = is_strict() ? flow_.window().lowest() : nullptr;
    if (lowest == nullptr || lowest->attempts == 0) return std::nullopt;
    FailingHead head{.event = lowest->event->id,
                     .attempts = lowest->attempts,
                     .next_attempt = std::nullopt,
                     .last_error = lowest->last_error,
                     .last_status = lowest->last_status};
    if (lowest->state != DeliveryWindow::ItemState::in_flight) {
        const auto rests_until = destination_.health().rests_until(moment.steady);
        head.next_attempt = to_wall(std::max(lowest->due, rests_until.value_or(lowest->due)), moment);
    }
    return head;
}

}  // namespace headwater
