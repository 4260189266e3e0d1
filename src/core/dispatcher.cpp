#include "core/dispatcher.hpp"

#include <algorithm>
#include <vector>

#include "core/log.hpp"

namespace headwater {
namespace {

std::string metric_name(const Stream& stream) {
    const std::string& name = stream.definition.name;
    return stream.owner_type.empty() ? name : stream.owner_type + "/" + name;
}

}  // namespace

Dispatcher::Dispatcher(const SinkTypes& sinks, LogReader& reader, RegistryStore& store, WorkPool& pool,
                       const Clock& clock, Metrics& metrics, Options options)
    : reader_(reader),
      clock_(clock),
      metrics_(metrics),
      options_(options),
      inbox_(std::make_shared<DispatcherInbox>()),
      host_(sinks, reader, store, pool, metrics, inbox_),
      saver_(store, pool, inbox_, [this](StreamId id) { return cursor_of(id); }),
      lag_(store, pool, metrics, [this](StreamId id) { return standing_of(id); }) {}

Dispatcher::~Dispatcher() {
    stop();
}

void Dispatcher::start() {
    const LogHead head = reader_.head();
    tail_ = {head.position, head.clock};
    started_at_ = head.position;
    thread_ = std::jthread([this] {
        name_this_thread("dispatcher");
        run();
    });
}

void Dispatcher::stop() {
    if (!thread_.joinable()) return;
    inbox_->post_stop();
    thread_.join();
}

void Dispatcher::run() {
    while (true) {
        DispatcherInbox::Messages messages = inbox_->wait_until(next_wake());
        const bool is_stopping = messages.is_stopping;
        handle(std::move(messages));
        if (is_stopping) break;
    }
    drain();
    slots_.clear();
}

void Dispatcher::handle(DispatcherInbox::Messages messages) {
    take_saved(messages.saved);
    take_pages(std::move(messages.pages));
    // Before the registry's news, which may end the lives that these belong to.
    take_settlements(std::move(messages.settlements));
    if (messages.view) {
        take_view(*messages.view);
        advance_touched();  // before the tail moves on: a stream that begins at the head has nothing to read
    }
    take_pauses(messages.pauses);
    take_tail(messages.tail);
    take_timers();
    advance_touched();
    saver_.tick(clock_.steady_now());
    lag_.tick(clock_.steady_now(), clock_.now());
}

void Dispatcher::take_view(const RegistryView& view) {
    std::unordered_set<StreamId> known;
    std::vector<StreamId> ids;
    for (const Stream& stream : view.streams()) {
        known.insert(stream.id);
        ids.push_back(stream.id);
        take_stream(stream);
    }
    std::vector<StreamId> gone;
    for (const auto& [id, slot] : slots_) {
        if (!known.contains(id)) gone.push_back(id);
    }
    for (const StreamId id : gone) remove(id);
    set_routes();
    saver_.set_streams(std::move(ids));
}

void Dispatcher::take_stream(const Stream& stream) {
    Slot& slot = slots_[stream.id];
    if (!slot.runner) {
        slot.runner = std::make_unique<StreamRunner>(stream, host_, started_at_);
    } else {
        const Stream& old = slot.runner->stream();
        const bool is_same = old.version == stream.version && old.epoch == stream.epoch &&
                             slot.runner->is_paused() == stream.is_paused;
        // The destination wanted no more, and that is not stored yet: an older registration must not wake it.
        if (is_same || (slot.is_pausing && !stream.is_paused)) return;
        slot.runner->change(stream, moment());
    }
    touched_.insert(stream.id);
}

void Dispatcher::take_tail(const DispatcherInbox::TailNews& news) {
    if (!news.upto) return;
    for (const std::string& type : news.lost_types) {
        for (const StreamId id : routes_.of(type)) {
            slots_.at(id).runner->fall_behind(tail_);
            touched_.insert(id);
        }
    }
    tail_ = std::max(tail_, *news.upto);
    const StreamMoment now = moment();
    for (const EventBatch& batch : news.batches) {
        for (const EventPtr& event : *batch) {
            for (const StreamId id : routes_.of(event->type)) {
                slots_.at(id).runner->offer(event, now);
                touched_.insert(id);
            }
        }
    }
    saver_.note_tail_moved();
}

void Dispatcher::take_pages(std::vector<DispatcherInbox::PageRead> pages) {
    for (DispatcherInbox::PageRead& read : pages) {
        host_.note_read_done();
        Slot* slot = find(read.stream);
        if (slot == nullptr) continue;
        if (read.page) {
            slot->runner->on_page(read.generation, std::move(*read.page));
        } else {
            slot->runner->on_read_failed(read.generation, moment());
        }
        touched_.insert(read.stream);
    }
}

void Dispatcher::take_settlements(std::vector<DispatcherInbox::Settlement> settlements) {
    const StreamMoment now = moment();
    for (DispatcherInbox::Settlement& settled : settlements) {
        Slot* slot = find(settled.stream);
        if (slot == nullptr) continue;
        const bool was_paused = slot->runner->is_paused();
        slot->runner->on_settled(settled.generation, settled.event, std::move(settled.result), now);
        if (slot->runner->is_paused() && !was_paused) slot->is_pausing = true;
        touched_.insert(settled.stream);
    }
}

void Dispatcher::take_pauses(const std::vector<DispatcherInbox::PauseStored>& pauses) {
    for (const DispatcherInbox::PauseStored& pause : pauses) {
        Slot* slot = find(pause.stream);
        if (slot == nullptr) continue;
        slot->is_pausing = !pause.is_stored;
        if (slot->is_pausing) wakes_.set(pause.stream, clock_.steady_now() + CursorSaver::kInterval);
    }
}

void Dispatcher::take_saved(const std::vector<DispatcherInbox::CursorsSaved>& saved) {
    for (const DispatcherInbox::CursorsSaved& result : saved) {
        saver_.on_saved(result);
        for (const StreamId id : result.refused) {
            log::warn("stream.lost", {{"stream", id.value}});  // another node has it now
            remove(id);
        }
        if (!result.refused.empty()) set_routes();
    }
}

void Dispatcher::take_timers() {
    const TimePoint now = clock_.steady_now();
    while (const auto id = wakes_.take_due(now)) {
        const Slot& slot = slots_.at(*id);
        if (slot.is_pausing) host_.pause(*id, slot.runner->status(moment()).last_error);
        touched_.insert(*id);
    }
}

void Dispatcher::set_routes() {
    routes_.clear();
    for (const auto& [id, slot] : slots_) routes_.add(slot.runner->stream());
}

/// Lets every runner that has news act, and takes down how it stands.
void Dispatcher::advance_touched() {
    std::vector<StreamStatusBoard::Entry> entries;
    entries.reserve(touched_.size());
    for (const StreamId id : touched_) {
        Slot* slot = find(id);
        if (slot == nullptr) continue;
        const StreamMoment now = moment();
        slot->runner->advance(now);
        held_bytes_ += slot->runner->bytes() - std::exchange(slot->bytes, slot->runner->bytes());
        if (!slot->is_pausing) wakes_.set(id, slot->runner->next_wake(now));
        entries.emplace_back(id, slot->runner->status(now));
        note_state(*slot, entries.back().second);
        saver_.touch(id);
        lag_.touch(id);
    }
    touched_.clear();
    board_.update(entries, tail_);
    host_.flush_counts([this](StreamId id) {
        const Slot* slot = find(id);
        return slot == nullptr ? std::string("other") : metric_name(slot->runner->stream());
    });
}

void Dispatcher::note_state(Slot& slot, const StreamStatus& status) {
    if (slot.state == status.state) return;
    log::info("stream.state", {{"stream", metric_name(slot.runner->stream())},
                               {"from", to_string(slot.state)},
                               {"to", to_string(status.state)},
                               {"error", status.last_error}});
    slot.state = status.state;
}

void Dispatcher::remove(StreamId id) {
    const auto found = slots_.find(id);
    if (found == slots_.end()) return;
    wakes_.set(id, std::nullopt);
    held_bytes_ -= found->second.bytes;
    metrics_.stream_removed(metric_name(found->second.runner->stream()));
    saver_.forget(id);
    board_.remove(id);
    touched_.erase(id);
    slots_.erase(found);
}

/// The end: nothing new is sent, what is in flight may settle, the cursors are saved.
void Dispatcher::drain() {
    const TimePoint deadline = clock_.steady_now() + options_.drain;
    for (auto& [id, slot] : slots_) slot.runner->drain();
    while (in_flight() > 0 && clock_.steady_now() < deadline) {
        DispatcherInbox::Messages messages = inbox_->wait_until(deadline);
        take_saved(messages.saved);
        take_settlements(std::move(messages.settlements));
    }
    save_at_end(clock_.steady_now() + options_.drain);
}

void Dispatcher::save_at_end(TimePoint deadline) {
    const auto wait = [&] {
        while (saver_.is_saving() && clock_.steady_now() < deadline) {
            take_saved(inbox_->wait_until(deadline).saved);
        }
    };
    wait();
    for (const auto& [id, slot] : slots_) saver_.touch(id);
    if (saver_.save_all()) wait();
}

std::size_t Dispatcher::in_flight() const {
    std::size_t count = 0;
    for (const auto& [id, slot] : slots_) count += slot.runner->in_flight();
    return count;
}

StreamMoment Dispatcher::moment() const {
    return {.now = clock_.now(),
            .steady = clock_.steady_now(),
            .tail = tail_,
            .is_tight = held_bytes_ >= options_.max_held_bytes};
}

std::optional<Dispatcher::TimePoint> Dispatcher::next_wake() const {
    std::optional<TimePoint> wake = saver_.next_tick();
    const auto consider = [&wake](std::optional<TimePoint> time) {
        if (time && (!wake || *time < *wake)) wake = time;
    };
    consider(lag_.next_tick());
    consider(wakes_.next());
    return wake;
}

std::optional<CursorUpdate> Dispatcher::cursor_of(StreamId id) const {
    const auto found = slots_.find(id);
    if (found == slots_.end()) return std::nullopt;
    const StreamRunner& runner = *found->second.runner;
    return CursorUpdate{.stream = id, .epoch = runner.stream().epoch, .cursor = runner.cursor(tail_)};
}

std::optional<LagReporter::Standing> Dispatcher::standing_of(StreamId id) const {
    const auto found = slots_.find(id);
    if (found == slots_.end()) return std::nullopt;
    const StreamRunner& runner = *found->second.runner;
    LagReporter::Standing standing{runner.stream(), runner.status(moment()), metric_name(runner.stream())};
    standing.stream.cursor = standing.status.cursor;
    return standing;
}

Dispatcher::Slot* Dispatcher::find(StreamId id) {
    const auto found = slots_.find(id);
    return found == slots_.end() ? nullptr : &found->second;
}

}  // namespace headwater
