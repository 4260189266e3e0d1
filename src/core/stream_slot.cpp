#include "core/stream_slot.hpp"

#include <algorithm>
#include <utility>

namespace headwater {
namespace {

Stream as_claimed(Stream stream, const ClaimedStream& claim) {
    stream.epoch = claim.epoch;
    stream.cursor = claim.cursor;
    return stream;
}

}  // namespace

std::string metric_name(const Stream& stream) {
    const std::string& name = stream.definition.name;
    return stream.owner_type.empty() ? name : stream.owner_type + "/" + name;
}

StreamSlot::StreamSlot(Stream stream, const ClaimedStream& claim, StreamHost& host, Position started_at)
    : runner_(as_claimed(std::move(stream), claim), host, started_at,
              claim.has_work ? FailingLane::Rows::reads : FailingLane::Rows::none),
      replays_(runner_, host),
      state_(claim.state) {}

bool StreamSlot::change(Stream stream, const StreamMoment& moment) {
    const Stream& old = runner_.stream();
    const bool is_same = old.version == stream.version && runner_.is_paused() == stream.is_paused;
    // The destination wanted no more, and that is not stored yet: an older registration must not wake it.
    if (is_same || (is_pausing && !stream.is_paused)) return false;
    stream.epoch = old.epoch;
    stream.cursor = old.cursor;
    runner_.change(std::move(stream), moment);
    return true;
}

void StreamSlot::on_page(const RunnerKey& key, std::optional<LogPage> page, const StreamMoment& moment) {
    if (key.replay != ReplayId{}) {
        if (ReplayRunner* replay = replays_.find(key)) replay->on_page(std::move(page), moment);
    } else if (page) {
        runner_.on_page(key.generation, std::move(*page));
    } else {
        runner_.on_read_failed(key.generation, moment);
    }
}

void StreamSlot::on_work(const RunnerKey& key, const std::optional<StreamWork>& work,
                         const StreamMoment& moment) {
    if (runner_.on_work(key.generation, work, moment) && work) replays_.take(work->replays, moment);
}

void StreamSlot::on_dead(const RunnerKey& key, const std::optional<DeadPage>& page,
                         const StreamMoment& moment) {
    if (ReplayRunner* replay = replays_.find(key)) replay->on_dead(page, moment);
}

void StreamSlot::on_settled(const RunnerKey& key, Lane lane, EventId event, const DeliveryResult& result,
                            const StreamMoment& moment) {
    if (key.replay == ReplayId{}) {
        runner_.on_settled(key.generation, lane, event, result, moment);
    } else if (ReplayRunner* replay = replays_.find(key)) {
        replay->on_settled(event, result, moment);
    }
}

void StreamSlot::advance(const StreamMoment& moment) {
    runner_.advance(moment);
    replays_.advance(moment);
}

void StreamSlot::drain() {
    runner_.drain();
    replays_.drain();
}

std::optional<StreamSlot::TimePoint> StreamSlot::next_wake(const StreamMoment& moment) const {
    const auto own = runner_.next_wake(moment);
    const auto replays = replays_.next_wake(moment);
    if (!own || !replays) return own ? own : replays;
    return std::min(*own, *replays);
}

StreamProgress StreamSlot::take_progress(const StreamMoment& moment) {
    replays_.give_rows(moment);  // into the same save as the cursors that pass them
    StreamProgress progress = runner_.take_progress(moment);
    replays_.take_progress(progress);
    if (is_standing_unsaved_ || is_standing_being_saved_) {
        progress.standing = StreamStanding{state_, since_.value_or(moment.now), error_};
        is_standing_unsaved_ = false;
        is_standing_being_saved_ = true;
    }
    return progress;
}

void StreamSlot::on_saved(bool is_saved) {
    runner_.on_saved(is_saved);
    replays_.on_saved(is_saved);
    if (std::exchange(is_standing_being_saved_, false) && !is_saved) is_standing_unsaved_ = true;
}

std::optional<StateChange> StreamSlot::note_state(StreamStatus& status, Timestamp now) {
    // A runner that has just begun knows nothing of its destination yet: what was stored still stands.
    if (!runner_.knows_state()) status.state = state_;
    std::optional<StateChange> change;
    if (status.state != state_) {
        change = StateChange{state_, status.state, status.last_error};
        state_ = status.state;
        since_ = now;
    }
    // Another error in the same state is worth a save too, but must not move `since`.
    const bool is_other_error = since_ && state_ != StreamState::running && error_ != status.last_error;
    if (change || is_other_error) {
        error_ = status.last_error;
        is_standing_unsaved_ = true;
    }
    status.since = since_;
    return change;
}

}  // namespace headwater
