#include "core/stream_runner.hpp"

#include <algorithm>
#include <utility>

#include "core/log.hpp"

namespace headwater {
namespace {

std::string_view result_name(DeliveryResult::Outcome outcome) {
    switch (outcome) {
        case DeliveryResult::Outcome::delivered:
            return "delivered";
        case DeliveryResult::Outcome::failed:
            return "failed";
        case DeliveryResult::Outcome::unavailable:
            return "unavailable";
        case DeliveryResult::Outcome::rejected:
            return "rejected";
        case DeliveryResult::Outcome::stop:
            return "stop";
    }
    return "failed";
}

bool is_same_delivery(const StreamDefinition& a, const StreamDefinition& b) {
    return a.source == b.source && a.destination == b.destination && a.order == b.order &&
           a.types.filters() == b.types.filters();
}

Cursor before(const Event& event) {
    return {Position{event.id.value - 1}, event.created_at};
}

}  // namespace

StreamRunner::StreamRunner(Stream stream, StreamHost& host, Position started_at)
    : stream_(std::make_shared<const Stream>(std::move(stream))),
      host_(host),
      started_at_(started_at),
      backlog_(stream_->cursor),
      window_(stream_->definition.order),
      is_paused_(stream_->is_paused),
      random_(static_cast<unsigned>(stream_->id.value)) {}

StreamRunner::~StreamRunner() {
    if (sink_) host_.close(std::move(sink_));
}

void StreamRunner::change(Stream stream, const StreamMoment& moment) {
    const bool is_same = is_same_delivery(stream.definition, stream_->definition);
    stream_ = std::make_shared<const Stream>(std::move(stream));
    if (!is_same) start_anew(cursor(moment.tail));
    if (stream_->is_paused && !is_paused_) pause("", moment);
    if (!stream_->is_paused && is_paused_) resume(moment);
}

void StreamRunner::pause(std::string reason, const StreamMoment& moment) {
    is_paused_ = true;
    if (!reason.empty()) last_error_ = std::move(reason);
    start_anew(cursor(moment.tail));
}

void StreamRunner::resume(const StreamMoment& moment) {
    is_paused_ = false;
    last_error_.clear();
    backlog_.note_tail(moment.tail);
}

/// Forgets everything but the cursor; late answers of the life before are not heard.
void StreamRunner::start_anew(Cursor from) {
    ++generation_;
    backlog_.restart(from);
    window_ = DeliveryWindow(stream_->definition.order);
    health_ = DestinationHealth();
    if (sink_) host_.close(std::move(sink_));
}

void StreamRunner::on_page(RunnerGeneration generation, LogPage page) {
    if (generation != generation_) return;
    read_backoff_.reset();
    backlog_.add_page(std::move(page));
}

void StreamRunner::on_read_failed(RunnerGeneration generation, const StreamMoment& moment) {
    if (generation != generation_) return;
    backlog_.note_read_failed();
    read_after_ = moment.steady + read_backoff_.next();
}

void StreamRunner::on_settled(RunnerGeneration generation, EventId event, DeliveryResult result,
                              const StreamMoment& moment) {
    if (generation != generation_) return;
    DeliveryWindow::Item* item = window_.find_in_flight(event);
    if (item == nullptr) return;
    host_.count(stream_->id, result_name(result.outcome));
    switch (result.outcome) {
        case DeliveryResult::Outcome::delivered:
            last_delivered_ = moment.now;
            last_error_.clear();
            window_.settle(*item);
            if (health_.note_delivered(moment.steady)) window_.release_all(moment.steady);
            return;
        case DeliveryResult::Outcome::failed:
        case DeliveryResult::Outcome::rejected:
            on_failed(*item, result, moment);
            return;
        case DeliveryResult::Outcome::unavailable:
            last_error_ = std::move(result.reason);
            window_.send_again(*item);
            health_.note_unavailable(moment.steady);
            return;
        case DeliveryResult::Outcome::stop:
            pause(result.reason, moment);
            host_.pause(stream_->id, result.reason);
            return;
    }
}

/// Nothing is given up: past the schedule's end its last wait repeats. Here a loose event will be declared
/// dead once retries_.is_exhausted(), or at once when it was rejected.
void StreamRunner::on_failed(DeliveryWindow::Item& item, const DeliveryResult& result,
                             const StreamMoment& moment) {
    last_error_ = result.reason;
    log::debug("delivery.failed", {{"stream", stream_->id.value},
                                   {"event", item.event->id.value},
                                   {"attempt", item.attempts + 1},
                                   {"status", result.status},
                                   {"reason", result.reason},
                                   {"microseconds", result.duration.count()}});
    const double spread = std::uniform_real_distribution<double>(0.0, 1.0)(random_);
    window_.fail(item, moment.steady + retries_.wait_after(item.attempts + 1, spread, result.retry_after));
    if (stream_->definition.order == StreamOrder::strict) {
        health_.note_failed_in_order();
    } else {
        health_.note_failed(moment.steady);
    }
}

void StreamRunner::advance(const StreamMoment& moment) {
    if (is_paused_ || is_draining_) return;
    backlog_.note_tail(moment.tail);
    if (window_.release_due(moment.steady)) health_.restart_ramp();
    while (send_next(moment)) {
    }
    read_on(moment);
}

/// False when nothing more can be sent now.
bool StreamRunner::send_next(const StreamMoment& moment) {
    if (window_.size() == 0 && backlog_.size() == 0) return false;
    if (!open_sink(moment)) return false;
    if (window_.in_flight() >= std::min(sink_->window(), health_.allowance(moment.steady))) return false;
    DeliveryWindow::Item* item = next_item(moment);
    if (item == nullptr) return false;
    if (item->event->expires_at <= moment.now) {
        host_.count(stream_->id, "expired");
        window_.settle(*item);
    } else {
        deliver(*item);
    }
    return true;
}

bool StreamRunner::open_sink(const StreamMoment& moment) {
    if (sink_) return true;
    if (health_.allowance(moment.steady) == 0) return false;
    sink_ = host_.open(*stream_);
    if (sink_) {
        retries_ = RetryPolicy(sink_->retries());
        return true;
    }
    last_error_ = "There is no sink named \"" + stream_->definition.source + "\" here.";
    health_.note_unavailable(moment.steady);
    return false;
}

/// The lowest event that is ready again, or else the next of the backlog.
DeliveryWindow::Item* StreamRunner::next_item(const StreamMoment& moment) {
    while (true) {
        if (DeliveryWindow::Item* item = window_.next_ready()) return item;
        if (!window_.has_room(sink_->window())) return nullptr;
        EventPtr event = backlog_.pop();
        if (event == nullptr) return nullptr;
        if (is_to_be_sent(*event, moment)) window_.add(std::move(event));
    }
}

bool StreamRunner::is_to_be_sent(const Event& event, const StreamMoment& moment) const {
    if (event.is_ephemeral && event.id <= started_at_) return false;
    if (event.expires_at > moment.now) return true;
    host_.count(stream_->id, "expired");
    return false;
}

void StreamRunner::deliver(DeliveryWindow::Item& item) {
    window_.begin(item);
    sink_->deliver({.event = item.event,
                    .attempt = item.attempts + 1,
                    .settle = host_.settle_for(stream_->id, generation_, item.event->id)});
}

void StreamRunner::read_on(const StreamMoment& moment) {
    if (moment.steady < read_after_ || (moment.is_tight && bytes() > 0)) return;
    if (const auto what = backlog_.begin_read(moment.tail)) host_.read(stream_, generation_, *what);
}

std::optional<StreamRunner::TimePoint> StreamRunner::next_wake(const StreamMoment& moment) const {
    if (is_paused_ || is_draining_) return std::nullopt;
    std::optional<TimePoint> wake;
    const auto consider = [&wake](std::optional<TimePoint> time) {
        if (time && (!wake || *time < *wake)) wake = time;
    };
    const bool has_work = window_.size() > 0 || backlog_.size() > 0;
    const auto rests_until = health_.rests_until(moment.steady);
    if (has_work) consider(rests_until);
    // While the destination rests, what is due waits with it.
    if (!rests_until) consider(window_.next_due());
    if (!backlog_.is_at_head() && !backlog_.is_reading() && read_after_ > moment.steady)
        consider(read_after_);
    return wake;
}

Cursor StreamRunner::cursor(Cursor tail) const {
    if (const Event* lowest = window_.lowest()) return before(*lowest);
    if (const EventPtr* next = backlog_.front()) return before(**next);
    return backlog_.read_position(tail);
}

StreamState StreamRunner::state() const {
    if (is_paused_) return StreamState::paused;
    const bool is_waiting_for_room = stream_->definition.order != StreamOrder::strict && window_.is_full();
    if (health_.is_away() || is_waiting_for_room) return StreamState::blocked;
    if (window_.has_failing()) return StreamState::retrying;
    return StreamState::running;
}

StreamStatus StreamRunner::status(const StreamMoment& moment) const {
    StreamStatus status{.state = state(),
                        .cursor = cursor(moment.tail),
                        .last_error = last_error_,
                        .last_delivered = last_delivered_,
                        .in_flight = window_.in_flight(),
                        .set_aside = window_.set_aside(),
                        .next_attempt = std::nullopt,
                        .is_at_head = backlog_.is_at_head(),
                        .waiting = backlog_.size()};
    if (const auto wake = next_wake(moment); wake && *wake > moment.steady) {
        status.next_attempt =
            moment.now + std::chrono::duration_cast<std::chrono::microseconds>(*wake - moment.steady);
    }
    return status;
}

}  // namespace headwater
