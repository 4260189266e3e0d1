// Which streams a Dispatcher runs: how they come, act and go, and what is saved of them. The messages that
// lead there: dispatcher.cpp.
#include <algorithm>
#include <utility>

#include "core/dispatcher.hpp"
#include "core/log.hpp"

namespace headwater {

void Dispatcher::add(const Stream& stream, const ClaimedStream& claim) {
    // Another may have sent the ephemeral events that are in the log by now: they go out at most once.
    const bool is_taken_over = claim.epoch > 1 && !is_first_lease_;
    const Position started_at = is_taken_over ? std::max(started_at_, tail_.position) : started_at_;
    table_.add(stream.id, stream, claim, host_, started_at);
    table_.touch(stream.id);
    is_table_changed_ = true;
}

void Dispatcher::remove(StreamId id) {
    const StreamSlot* slot = table_.find(id);
    if (slot == nullptr) return;
    services_.metrics.stream_removed(metric_name(slot->runner().stream()));
    saver_.forget(id);
    board_.remove(id);
    attempts_.forget(id);
    table_.remove(id);
    is_table_changed_ = true;
}

/// The lease is lost: others may have claimed everything already, so nothing is saved.
void Dispatcher::remove_all() {
    std::vector<StreamId> all;
    for (const auto& [id, slot] : table_.slots()) all.push_back(id);
    for (const StreamId id : all) remove(id);
    leases_.clear();
    handover_.clear();
    log::warn("streams.lost", {{"streams", all.size()}});
}

void Dispatcher::release(StreamId id) {
    outlets_.release(table_.find(id)->take_progress(moment()));
    remove(id);
    leases_.forget(id);
}

void Dispatcher::on_table_changed() {
    if (!std::exchange(is_table_changed_, false)) return;
    std::vector<StreamId> ids;
    routes_.clear();
    for (const auto& [id, slot] : table_.slots()) {
        ids.push_back(id);
        routes_.add(slot.runner().stream());
    }
    saver_.set_streams(std::move(ids));
}

/// Lets every runner that has news act, and takes down how it stands.
void Dispatcher::advance_touched() {
    std::vector<StreamStatusBoard::Entry> entries;
    for (const StreamId id : table_.take_touched()) {
        StreamSlot* slot = table_.find(id);
        if (slot == nullptr) continue;
        const StreamMoment now = moment();
        slot->advance(now);
        table_.note_advanced(id, *slot, now);
        StreamStatus status = slot->runner().status(now);
        note_state(id, *slot, status);
        entries.push_back({id, std::move(status), slot->runner().rate()});
        saver_.touch(id);
        lag_.touch(id);
    }
    board_.update(entries, tail_);
    host_.flush_counts([this](StreamId id) {
        const StreamSlot* slot = table_.find(id);
        return slot == nullptr ? std::string("other") : metric_name(slot->runner().stream());
    });
}

void Dispatcher::note_state(StreamId id, StreamSlot& slot, StreamStatus& status) {
    const auto change = slot.note_state(status, services_.clock.now());
    if (!change) return;
    const Stream& stream = slot.runner().stream();
    log::info("stream.state", {{"stream", metric_name(stream)},
                               {"id", id.value},
                               {"from", to_string(change->from)},
                               {"to", to_string(change->to)},
                               {"error", change->reason}});
    announcer_.note(stream, *change);
}

/// The end: nothing new is sent, what is in flight may settle, what was done is saved.
void Dispatcher::drain() {
    const TimePoint deadline = services_.clock.steady_now() + options_.drain;
    for (auto& [id, slot] : table_.slots()) slot.drain();
    while (table_.in_flight() > 0 && services_.clock.steady_now() < deadline) {
        DispatcherInbox::Messages messages = inbox_->wait_until(deadline);
        take_saved(messages.saved);
        take_settlements(std::move(messages.settlements));
    }
    save_at_end(services_.clock.steady_now() + options_.drain);
}

void Dispatcher::save_at_end(TimePoint deadline) {
    const auto wait = [&] {
        while (saver_.is_saving() && services_.clock.steady_now() < deadline) {
            take_saved(inbox_->wait_until(deadline).saved);
        }
    };
    wait();
    on_table_changed();
    for (const auto& [id, slot] : table_.slots()) saver_.touch(id);
    if (saver_.save_all()) wait();
}

ProgressSaver::Streams Dispatcher::streams_to_save() {
    const auto find = [this](StreamId id, std::int64_t epoch) {
        StreamSlot* slot = table_.find(id);
        return slot != nullptr && slot->runner().stream().epoch == epoch ? slot : nullptr;
    };
    return {.take = [this](StreamId id) -> std::optional<StreamProgress> {
                StreamSlot* slot = table_.find(id);
                if (slot == nullptr) return std::nullopt;
                StreamProgress progress = slot->take_progress(moment());
                if (!progress.failing.empty()) table_.touch(id);  // what has a row changes how it stands
                return progress;
            },
            .on_saved =
                [this, find](StreamId id, std::int64_t epoch, bool is_saved) {
                    StreamSlot* slot = find(id, epoch);
                    if (slot == nullptr) return;
                    slot->on_saved(is_saved);
                    if (slot->runner().waits_for_save()) table_.touch(id);
                },
            .on_refused =
                [this, find](StreamId id, std::int64_t epoch) {
                    if (find(id, epoch) == nullptr) return;
                    log::warn("stream.lost", {{"stream", id.value}});  // another node has it now
                    remove(id);
                    leases_.forget(id);
                }};
}

std::optional<LagReporter::Standing> Dispatcher::standing_of(StreamId id) const {
    const StreamSlot* slot = table_.find(id);
    if (slot == nullptr) return std::nullopt;
    const StreamRunner& runner = slot->runner();
    LagReporter::Standing standing{runner.stream(), runner.status(moment()), metric_name(runner.stream())};
    standing.stream.cursor = standing.status.cursor;
    return standing;
}

}  // namespace headwater
