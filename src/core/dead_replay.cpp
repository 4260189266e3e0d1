#include "core/dead_replay.hpp"

#include <algorithm>
#include <utility>

namespace headwater {

DeadReplay::DeadReplay(const Replay& replay, StreamRunner& stream, StreamHost& host)
    : ReplayRunner(replay, stream, host), bounds_{EventId{replay.what.through.value + 1}} {}

void DeadReplay::restart(const StreamMoment& /*moment*/) {
    begin_generation();
    bounds_ = {EventId{replay_.what.through.value + 1}};
    has_come_down_ = is_reading_ = false;
    waiting_.clear();
    under_way_ = 0;
}

void DeadReplay::advance(const StreamMoment& moment) {
    if (is_draining_) return;
    while (!waiting_.empty() && stream_.failing_under_way() < kMostUnderWay &&
           tokens_.has_token(moment.steady)) {
        tokens_.spend();
        FailingEvent row = std::move(waiting_.front());
        waiting_.pop_front();
        replay_.cursor = std::max(replay_.cursor, Cursor{row.id, row.at});
        row.state = FailingState::retrying;
        row.attempts = 0;
        row.next_attempt = moment.now;
        row.died_at.reset();
        row.replay = replay_.id;
        if (stream_.add_failing(std::move(row), moment)) ++under_way_;
    }
    if (is_reading_ || bounds_.empty() || !waiting_.empty() || moment.steady < not_before_) return;
    is_reading_ = true;
    host_.read_dead(key(), bounds_.back(), kPageEvents);
}

void DeadReplay::on_dead(const std::optional<DeadPage>& page, const StreamMoment& moment) {
    is_reading_ = false;
    if (!page) {
        not_before_ = moment.steady + backoff_.next();
        return;
    }
    backoff_.reset();
    if (!has_come_down_) go_down(*page);
    if (has_come_down_) take_up(*page);
}

void DeadReplay::go_down(const DeadPage& page) {
    const bool is_lowest =
        !page.has_more || page.events.empty() || page.events.back().id <= replay_.cursor.position;
    if (is_lowest) {
        has_come_down_ = true;
    } else {
        bounds_.push_back(page.events.back().id);
    }
}

void DeadReplay::take_up(const DeadPage& page) {
    bounds_.pop_back();
    for (const FailingEvent& row : page.events) {
        if (row.id > replay_.cursor.position) waiting_.push_front(row);
    }
    if (bounds_.empty() && waiting_.empty()) replay_.cursor.position = replay_.what.through;
}

void DeadReplay::on_row(ReplayedRow outcome) {
    --under_way_;
    switch (outcome) {
        case ReplayedRow::delivered:
            ++replay_.delivered;
            return;
        case ReplayedRow::failed:
            ++replay_.failed;
            return;
        case ReplayedRow::gone:
            ++replay_.skipped;
            return;
    }
}

std::optional<ReplayRunner::TimePoint> DeadReplay::next_wake(const StreamMoment& moment) const {
    if (is_draining_ || stream_.is_paused()) return std::nullopt;
    if (!waiting_.empty()) {
        const TimePoint token = tokens_.next(moment.steady);
        return token > moment.steady ? std::optional(token) : std::nullopt;
    }
    if (!is_reading_ && !bounds_.empty() && not_before_ > moment.steady) return not_before_;
    return std::nullopt;
}

}  // namespace headwater
