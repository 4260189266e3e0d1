#include "core/stream_runner.hpp"

#include <algorithm>
#include <utility>

#include "core/failing_rows.hpp"
#include "core/log.hpp"

namespace headwater {
namespace {

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
    expired_.restart(from.position);
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

bool StreamRunner::add_failing(FailingEvent row, const StreamMoment& moment) {
    if (failing_.window().contains(row.id)) return false;
    if (row.state == FailingState::dead) {
        bury(std::move(row), moment);
        return true;
    }
    if (SubjectQueues* queues = subjects(); queues != nullptr && row.subject) {
        if (queues->enter(*row.subject, row.id)) row.state = FailingState::held;
    }
    failing_.add(std::move(row), moment);
    return true;
}

bool StreamRunner::is_full() const {
    return !is_strict() && flow_.window().is_full(failing_.weight());
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
/// none comes out of the log a second time beside its row. While the destination is away only what was given
/// up gets one: an outage costs no rows, the cursor waits instead.
void StreamRunner::give_rows(const StreamMoment& moment) {
    if (is_strict()) return;
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
    if (item.state == dead) return true;
    if (destination_.health().is_away()) return false;
    if (item.state == set_aside) return true;
    if (item.state != held) return false;
    const auto current = subjects_.current(*item.event->subject);
    return current && failing_.window().contains(*current);
}

StreamProgress StreamRunner::take_progress(const StreamMoment& moment) {
    if (!is_paused_) give_rows(moment);
    StreamProgress progress{.stream = stream_->id, .epoch = stream_->epoch, .cursor = cursor(moment.tail)};
    failing_.take(progress);
    expired_.take(progress);
    return progress;
}

}  // namespace headwater
