// What becomes of a StreamRunner's attempts. Its lives and its rows: stream_runner.cpp.
#include <utility>

#include "core/failing_rows.hpp"
#include "core/log.hpp"
#include "core/stream_runner.hpp"

namespace headwater {

using Outcome = DeliveryResult::Outcome;

void StreamRunner::on_settled(RunnerGeneration generation, Lane lane, EventId event,
                              const DeliveryResult& result, const StreamMoment& moment) {
    if (generation != generation_) return;
    if (lane == Lane::flow) {
        if (Item* item = flow_.window().find_in_flight(event)) on_flow_settled(*item, result, moment);
    } else if (auto* item = failing_.window().find(event, FailingWindow::State::in_flight)) {
        on_failing_settled(*item, result, moment);
    }
}

void StreamRunner::on_flow_settled(Item& item, const DeliveryResult& result, const StreamMoment& moment) {
    const EventPtr event = item.event;
    note_attempt({.event = event->id, .attempt = item.attempts + 1, .at = {}, .reason = {}, .response = {}},
                 result, moment);
    switch (result.outcome) {
        case Outcome::delivered:
            flow_.window().settle(item);
            leave_subject(event->subject, event->id);
            break;
        case Outcome::failed:
        case Outcome::rejected: {
            const int attempts = DeliveryWindow::attempts_after_failure(item);
            const TimePoint due = destination_.next_attempt(attempts, result, moment.steady);
            const bool is_given_up = !is_strict() && destination_.is_given_up(attempts, result);
            flow_.window().fail(item, due, result);
            if (!is_given_up) break;
            if (event->is_ephemeral) {  // never dead: gone
                flow_.window().settle(item);
            } else {
                flow_.window().give_up(item);
                note_death(event->id, result.reason);
            }
            leave_subject(event->subject, event->id);
            break;
        }
        case Outcome::unavailable:
            flow_.window().send_again(item);
            break;
        case Outcome::stop:
            break;
    }
    note_answer(result, moment);
}

void StreamRunner::on_failing_settled(FailingWindow::Item& item, const DeliveryResult& result,
                                      const StreamMoment& moment) {
    FailingEvent row = item.row;
    note_attempt({.event = row.id,
                  .attempt = row.attempts + 1,
                  .at = {},
                  .reason = {},
                  .response = {},
                  .replay = row.replay},
                 result, moment);
    switch (result.outcome) {
        case Outcome::delivered:
            note_replayed(row, ReplayedRow::delivered);
            failing_.settle(row.id);
            leave_subject(row.subject, row.id);
            break;
        case Outcome::failed:
        case Outcome::rejected: {
            note_replayed(row, ReplayedRow::failed);
            ++row.attempts;
            const TimePoint due = destination_.next_attempt(row.attempts, result, moment.steady);
            if (!destination_.is_given_up(row.attempts, result)) {
                failing_.fail(item, result, due, moment);
                break;
            }
            row.last_error = result.reason;
            row.last_status = result.status;
            row.progress = result.progress;
            bury(std::move(row), moment);
            break;
        }
        case Outcome::unavailable:
            failing_.window().send_again(item);
            break;
        case Outcome::stop:
            break;
    }
    note_answer(result, moment);
}

void StreamRunner::note_attempt(const Attempt& about, const DeliveryResult& result,
                                const StreamMoment& moment) {
    host_.count(stream_->id, to_string(result.outcome));
    host_.note_attempt(stream_->id, attempt_of(about, result, moment));
    if (result.outcome == Outcome::delivered) return;
    log::debug("delivery.failed", {{"stream", stream_->id.value},
                                   {"event", about.event.value},
                                   {"attempt", about.attempt},
                                   {"status", result.status},
                                   {"reason", result.reason},
                                   {"microseconds", result.duration.count()}});
}

/// What the answer says about the destination as a whole.
void StreamRunner::note_answer(const DeliveryResult& result, const StreamMoment& moment) {
    has_answer_ = true;
    DestinationHealth& health = destination_.health();
    last_error_ = result.reason;
    switch (result.outcome) {
        case Outcome::delivered:
            last_delivered_ = moment.now;
            rate_.count(moment.steady);
            if (health.note_delivered(moment.steady)) flow_.window().release_all(moment.steady);
            return;
        case Outcome::failed:
        case Outcome::rejected:
            if (is_strict()) {
                health.note_failed_in_order();
            } else {
                health.note_failed(moment.steady);
            }
            return;
        case Outcome::unavailable:
            health.note_unavailable(moment.steady);
            return;
        case Outcome::stop:
            stop_by_destination(result.reason, moment);
            return;
    }
}

void StreamRunner::stop_by_destination(const std::string& reason, const StreamMoment& moment) {
    pause(reason, moment);
    host_.pause(stream_->id, reason);
}

/// Only what has not been tried before: a row that failed in a replay was counted there.
void StreamRunner::note_replayed(const FailingEvent& row, ReplayedRow outcome) {
    if (row.replay != ReplayId{} && row.attempts == 0) replayed_.emplace_back(row.replay, outcome);
}

void StreamRunner::bury(FailingEvent row, const StreamMoment& moment) {
    note_death(row.id, row.last_error);
    const EventId event = row.id;
    const std::optional<std::string> subject = row.subject;
    failing_.bury(std::move(row), moment);
    leave_subject(subject, event);
}

void StreamRunner::note_death(EventId event, const std::string& reason) {
    log::info("event.dead", {{"stream", stream_->id.value}, {"event", event.value}, {"reason", reason}});
    host_.count(stream_->id, "dead");
}

}  // namespace headwater
