#include "core/flow_lane.hpp"

#include <utility>

namespace headwater {
namespace {

Cursor before(const Event& event) {
    return {Position{event.id.value - 1}, event.created_at};
}

}  // namespace

void FlowLane::restart(Cursor from, StreamOrder order) {
    backlog_.restart(from);
    window_ = DeliveryWindow(order);
}

void FlowLane::on_page(LogPage page) {
    read_backoff_.reset();
    backlog_.add_page(std::move(page));
}

void FlowLane::on_read_failed(const StreamMoment& moment) {
    backlog_.note_read_failed();
    read_after_ = moment.steady + read_backoff_.next();
}

void FlowLane::read_on(const RunnerKey& key, const std::shared_ptr<const Stream>& stream, Cursor upto,
                       const StreamMoment& moment) {
    if (moment.steady < read_after_ || (moment.is_tight && bytes() > 0)) return;
    if (const auto what = backlog_.begin_read(upto)) host_.read(key, stream, *what);
}

FlowLane::Item* FlowLane::next_item(StreamId stream, std::size_t window, std::size_t rows,
                                    const StreamMoment& moment, SubjectQueues* subjects) {
    while (true) {
        if (Item* item = window_.next_ready()) return item;
        if (!window_.has_room(window, rows)) return nullptr;
        EventPtr event = backlog_.pop();
        if (event == nullptr) return nullptr;
        if (!is_to_be_sent(stream, *event, moment)) continue;
        passed_over_.cut();
        if (subjects != nullptr && event->subject && subjects->enter(*event->subject, event->id)) {
            window_.add_held(std::move(event));
        } else {
            window_.add(std::move(event));
        }
    }
}

bool FlowLane::is_to_be_sent(StreamId stream, const Event& event, const StreamMoment& moment) {
    if (event.is_ephemeral && event.id <= started_at_) return false;
    if (event.expires_at > moment.now) return true;
    host_.count(stream, "expired");
    passed_over_.add(event);
    return false;
}

Cursor FlowLane::cursor(Cursor tail) const {
    if (const Item* lowest = window_.lowest()) return before(*lowest->event);
    if (const EventPtr* next = backlog_.front()) return before(**next);
    return backlog_.read_position(tail);
}

std::optional<Timestamp> FlowLane::oldest(Cursor tail) const {
    if (const Item* lowest = window_.lowest()) return lowest->event->created_at;
    if (const EventPtr* next = backlog_.front()) return (*next)->created_at;
    if (backlog_.is_at_head()) return std::nullopt;
    return backlog_.read_position(tail).at;
}

std::optional<FlowLane::TimePoint> FlowLane::next_read(const StreamMoment& moment) const {
    if (backlog_.is_at_head() || backlog_.is_reading() || read_after_ <= moment.steady) return std::nullopt;
    return read_after_;
}

}  // namespace headwater
