#include "core/stream_runner.hpp"

#include <algorithm>
#include <utility>

#include "core/failing_rows.hpp"
#include "core/log.hpp"

namespace headwater {
namespace {

using Outcome = DeliveryResult::Outcome;

bool is_same_delivery(const StreamDefinition& a, const StreamDefinition& b) {
    return a.source == b.source && a.destination == b.destination && a.order == b.order &&
           a.types.filters() == b.types.filters();
}

}  // namespace

StreamRunner::StreamRunner(Stream stream, StreamHost& host, Position started_at, FailingLane::Rows rows)
    : stream_(std::make_shared<const Stream>(std::move(stream))),
      host_(host),
      generation_(host.next_generation()),
      flow_(host, stream_->cursor, stream_->definition.order, started_at),
      failing_(host),
      destination_(host, static_cast<unsigned>(stream_->id.value)),
      is_paused_(stream_->is_paused) {
    failing_.restart(rows);
}

void StreamRunner::change(Stream stream, const StreamMoment& moment) {
    const bool is_same = is_same_delivery(stream.definition, stream_->definition);
    if (!is_same) give_rows(moment);
    stream_ = std::make_shared<const Stream>(std::move(stream));
    if (!is_same) start_anew(cursor(moment.tail));
    if (stream_->is_paused && !is_paused_) pause("", moment);
    if (!stream_->is_paused && is_paused_) resume(moment);
}

void StreamRunner::pause(std::string reason, const StreamMoment& moment) {
    is_paused_ = true;
    if (!reason.empty()) last_error_ = std::move(reason);
    give_rows(moment);
    start_anew(cursor(moment.tail));
}

void StreamRunner::resume(const StreamMoment& moment) {
    is_paused_ = false;
    last_error_.clear();
    flow_.backlog().note_tail(moment.tail);
}

/// Forgets everything but the cursor and the rows that are to be saved; late answers of the life before are
/// not heard.
void StreamRunner::start_anew(Cursor from) {
    generation_ = host_.next_generation();
    flow_.restart(from, stream_->definition.order);
    failing_.restart(FailingLane::Rows::reads);
    subjects_ = SubjectQueues();
    destination_.restart();
    has_answer_ = false;
}

void StreamRunner::on_page(RunnerGeneration generation, LogPage page) {
    if (generation == generation_) flow_.on_page(std::move(page));
}

void StreamRunner::on_read_failed(RunnerGeneration generation, const StreamMoment& moment) {
    if (generation == generation_) flow_.on_read_failed(moment);
}

bool StreamRunner::on_work(RunnerGeneration generation, const std::optional<StreamWork>& work,
                           const StreamMoment& moment) {
    if (generation != generation_) return false;
    failing_.on_work(work, moment, subjects());
    if (work && is_strict()) skip_ = work->skip;
    return true;
}

void StreamRunner::on_found(RunnerGeneration generation, std::optional<std::vector<EventPtr>> found,
                            const StreamMoment& moment) {
    if (generation != generation_) return;
    for (const FailingEvent& gone : failing_.on_found(std::move(found), moment)) {
        host_.count(stream_->id, "expired");
        note_replayed(gone, ReplayedRow::gone);
        leave_subject(gone.subject, gone.id);
    }
}

void StreamRunner::add_failing(FailingEvent row, const StreamMoment& moment) {
    if (row.state == FailingState::dead) return bury(std::move(row), moment);
    if (SubjectQueues* queues = subjects(); queues != nullptr && row.subject) {
        if (queues->enter(*row.subject, row.id)) row.state = FailingState::held;
    }
    failing_.add(std::move(row), moment);
}

bool StreamRunner::is_full() const {
    return !is_strict() && flow_.window().is_full(failing_.weight());
}

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

void StreamRunner::leave_subject(const std::optional<std::string>& subject, EventId event) {
    SubjectQueues* queues = subjects();
    if (queues == nullptr || !subject) return;
    const auto next = queues->leave(*subject, event);
    if (!next || flow_.window().release(*next)) return;
    if (auto* held = failing_.window().find(*next, FailingWindow::State::held)) {
        failing_.window().release(*held);
    }
}

SubjectQueues* StreamRunner::subjects() {
    return stream_->definition.order == StreamOrder::subject ? &subjects_ : nullptr;
}

/// What is set aside or given up gets a row, and what is held behind a row too, from the lowest event up to
/// the first that is still on its way: the cursor passes every event that has a row, so that after a crash
/// none comes out of the log a second time beside its row. While the destination is away nothing gets a row:
/// an outage costs none, the cursor waits instead.
void StreamRunner::give_rows(const StreamMoment& moment) {
    if (is_strict() || destination_.health().is_away()) return;
    DeliveryWindow& window = flow_.window();
    while (window.lowest() != nullptr && may_have_row(*window.lowest())) {
        const Item item = window.take_lowest();
        switch (item.state) {
            case DeliveryWindow::ItemState::dead:
                failing_.bury(row_of(item, FailingState::dead, moment), moment);
                break;
            case DeliveryWindow::ItemState::held:
                failing_.add(row_of(item, FailingState::held, moment), moment);
                break;
            default:
                failing_.add(row_of(item, FailingState::retrying, moment), moment);
        }
    }
}

bool StreamRunner::may_have_row(const Item& item) const {
    using enum DeliveryWindow::ItemState;
    if (item.event->is_ephemeral) return false;
    if (item.state == set_aside || item.state == dead) return true;
    if (item.state != held) return false;
    const auto current = subjects_.current(*item.event->subject);
    return current && failing_.window().contains(*current);
}

StreamProgress StreamRunner::take_progress(const StreamMoment& moment) {
    if (!is_paused_) give_rows(moment);
    StreamProgress progress{.stream = stream_->id, .epoch = stream_->epoch, .cursor = cursor(moment.tail)};
    failing_.take(progress);
    return progress;
}

}  // namespace headwater
