#include "core/stream_slot.hpp"

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
    if (page) {
        runner_.on_page(key.generation, std::move(*page));
    } else {
        runner_.on_read_failed(key.generation, moment);
    }
}

void StreamSlot::on_work(const RunnerKey& key, const std::optional<StreamWork>& work,
                         const StreamMoment& moment) {
    (void)runner_.on_work(key.generation, work, moment);
}

void StreamSlot::on_dead(const RunnerKey& /*key*/, const std::optional<DeadPage>& /*page*/,
                         const StreamMoment& /*moment*/) {}

void StreamSlot::on_settled(const RunnerKey& key, Lane lane, EventId event, const DeliveryResult& result,
                            const StreamMoment& moment) {
    runner_.on_settled(key.generation, lane, event, result, moment);
}

StreamProgress StreamSlot::take_progress(const StreamMoment& moment) {
    StreamProgress progress = runner_.take_progress(moment);
    if (is_standing_unsaved_ || is_standing_being_saved_) {
        progress.standing = StreamStanding{state_, since_.value_or(moment.now), error_};
        is_standing_unsaved_ = false;
        is_standing_being_saved_ = true;
    }
    return progress;
}

void StreamSlot::on_saved(bool is_saved) {
    runner_.on_saved(is_saved);
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
