#include "core/range_replay.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "core/failing_rows.hpp"

namespace headwater {
namespace {

using Outcome = DeliveryResult::Outcome;
using ItemState = DeliveryWindow::ItemState;

/// Ephemeral events are never repeated.
constexpr Position kPassOverEphemeral{std::numeric_limits<std::int64_t>::max()};

/// What fails gets a row and does not hold the others up, in a strict stream too.
StreamOrder order_of(const StreamRunner& stream) {
    const StreamOrder order = stream.stream().definition.order;
    return order == StreamOrder::subject ? StreamOrder::subject : StreamOrder::loose;
}

}  // namespace

RangeReplay::RangeReplay(const Replay& replay, StreamRunner& stream, StreamHost& host)
    : ReplayRunner(replay, stream, host),
      flow_(host, replay.cursor, order_of(stream), kPassOverEphemeral),
      destination_(host, static_cast<unsigned>(replay.id.value)),
      upto_(replay.cursor) {}

void RangeReplay::restart(const StreamMoment& moment) {
    give_rows(moment);
    begin_generation();
    upto_ = cursor();
    flow_.restart(upto_, order_of(stream_));
    subjects_ = SubjectQueues();
    destination_.restart();
}

void RangeReplay::advance(const StreamMoment& moment) {
    if (is_draining_) return;
    move_end(moment);
    flow_.window().release_due(moment.steady);
    while (send_next(moment)) {
    }
    flow_.read_on(key(), stream_.shared_stream(), upto_, moment);
}

/// What the stream itself has passed may be read now.
void RangeReplay::move_end(const StreamMoment& moment) {
    const Position end = std::min(replay_.what.through, stream_.cursor(moment.tail).position);
    if (end <= upto_.position) return;
    flow_.backlog().fall_behind(upto_);  // a page that is on its way ends at the former end
    upto_ = {end, cursor().at};
}

bool RangeReplay::send_next(const StreamMoment& moment) {
    if (flow_.window().size() == 0 && flow_.backlog().size() == 0) return false;
    std::string error;  // the stream's own deliveries say the same
    if (!destination_.open(stream_.stream(), moment, error)) return false;
    const std::size_t allowance = std::min(window(), destination_.allowance(moment.steady));
    if (in_flight() >= allowance || !tokens_.has_token(moment.steady) || !host_.may_send()) return false;
    const StreamId stream = stream_.stream().id;
    FlowLane::Item* item = flow_.next_item(stream, window(), stream_.failing_weight(), moment, subjects());
    for (const ExpiredRun& run : flow_.take_passed_over()) replay_.skipped += run.count;
    if (item == nullptr) return false;
    tokens_.spend();
    flow_.window().begin(*item);
    destination_.sink().deliver({.event = item->event,
                                 .attempt = item->attempts + 1,
                                 .replay = replay_.id,
                                 .progress = item->progress,
                                 .settle = host_.settle_for(key(), Lane::flow, item->event->id)});
    return true;
}

std::size_t RangeReplay::window() const {
    return std::max<std::size_t>(destination_.window() / 4, 1);
}

void RangeReplay::on_page(std::optional<LogPage> page, const StreamMoment& moment) {
    if (page) {
        flow_.on_page(std::move(*page));
    } else {
        flow_.on_read_failed(moment);
    }
}

void RangeReplay::on_settled(EventId id, const DeliveryResult& result, const StreamMoment& moment) {
    FlowLane::Item* item = flow_.window().find_in_flight(id);
    if (item == nullptr) return;
    note_attempt(*item, result, moment);
    const EventPtr event = item->event;
    DestinationHealth& health = destination_.health();
    switch (result.outcome) {
        case Outcome::delivered:
            ++replay_.delivered;
            flow_.window().settle(*item);
            leave_subject(*event);
            if (health.note_delivered(moment.steady)) flow_.window().release_all(moment.steady);
            return;
        case Outcome::failed:
        case Outcome::rejected: {
            const int attempts = DeliveryWindow::attempts_after_failure(*item);
            flow_.window().fail(*item, destination_.next_attempt(attempts, result, moment.steady), result);
            if (destination_.is_given_up(attempts, result)) flow_.window().give_up(*item);
            leave_subject(*event);  // the stream's own rows keep the order from here on
            health.note_failed(moment.steady);
            return;
        }
        case Outcome::unavailable:
            flow_.window().send_again(*item);
            health.note_unavailable(moment.steady);
            return;
        case Outcome::stop:
            stream_.stop_by_destination(result.reason, moment);
            return;
    }
}

void RangeReplay::note_attempt(const FlowLane::Item& item, const DeliveryResult& result,
                               const StreamMoment& moment) {
    const StreamId stream = stream_.stream().id;
    host_.count(stream, to_string(result.outcome));
    const Attempt about{.event = item.event->id,
                        .attempt = item.attempts + 1,
                        .at = {},
                        .reason = {},
                        .response = {},
                        .replay = replay_.id};
    host_.note_attempt(stream, attempt_of(about, result, moment));
}

void RangeReplay::give_rows(const StreamMoment& moment) {
    DeliveryWindow& window = flow_.window();
    const bool is_away = destination_.health().is_away();  // an outage costs no rows
    while (const FlowLane::Item* lowest = window.lowest()) {
        const bool may_wait = lowest->state == ItemState::set_aside && !is_away;
        if (!may_wait && lowest->state != ItemState::dead) return;
        const FlowLane::Item item = window.take_lowest();
        const bool is_dead = item.state == ItemState::dead;
        FailingEvent row = row_of(item, is_dead ? FailingState::dead : FailingState::retrying, moment);
        row.replay = replay_.id;
        ++replay_.failed;
        (void)stream_.add_failing(std::move(row), moment);
    }
}

void RangeReplay::leave_subject(const Event& event) {
    if (subjects() == nullptr || !event.subject) return;
    if (const auto next = subjects_.leave(*event.subject, event.id)) (void)flow_.window().release(*next);
}

SubjectQueues* RangeReplay::subjects() {
    return order_of(stream_) == StreamOrder::subject ? &subjects_ : nullptr;
}

std::optional<ReplayRunner::TimePoint> RangeReplay::next_wake(const StreamMoment& moment) const {
    if (is_draining_ || stream_.is_paused()) return std::nullopt;
    std::optional<TimePoint> wake = flow_.next_read(moment);
    const auto consider = [&wake](std::optional<TimePoint> time) {
        if (time && (!wake || *time < *wake)) wake = time;
    };
    const bool has_work = flow_.window().size() + flow_.backlog().size() > 0;
    const auto rests_until = destination_.health().rests_until(moment.steady);
    if (rests_until && has_work) consider(rests_until);
    if (!rests_until) consider(flow_.window().next_due());
    const TimePoint token = tokens_.next(moment.steady);
    if (has_work && in_flight() < window() && token > moment.steady) consider(token);
    return wake;
}

}  // namespace headwater
