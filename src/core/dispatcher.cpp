#include "core/dispatcher.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/log.hpp"

namespace headwater {

Dispatcher::Dispatcher(const RunnerServices& services, Outlets outlets, Options options)
    : services_(services),
      outlets_(std::move(outlets)),
      options_(std::move(options)),
      inbox_(std::make_shared<DispatcherInbox>()),
      host_(services, leases_, attempts_, inbox_),
      saver_(services.deliveries, services.pool, inbox_, streams_to_save()),
      lag_(services.registry, services.pool, services.metrics,
           [this](StreamId id) { return standing_of(id); }),
      announcer_(outlets_.announce, options_.node,
                 [inbox = inbox_](StreamId stream, bool is_accepted) {
                     inbox->post(DispatcherInbox::Announced{stream, is_accepted});
                 }),
      handover_([this](StreamId id) { release(id); }) {}

Dispatcher::~Dispatcher() {
    stop();
}

void Dispatcher::start() {
    const LogHead head = services_.reader.head();
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
    table_.clear();
}

void Dispatcher::handle(DispatcherInbox::Messages messages) {
    take_saved(messages.saved);
    take_wanted_work(messages.wants_work);
    take_answers(messages);
    // Before the news of leases and registry, which may end the lives that these belong to.
    take_settlements(std::move(messages.settlements));
    if (messages.view) take_view(messages.view);
    take_leases(std::move(messages.leases));
    for (const auto& streams : messages.released) handover_.on_released(streams);
    on_table_changed();
    advance_touched();  // before the tail moves on: a stream that begins at the head has nothing to read
    take_pauses(messages.pauses);
    take_tail(messages.tail);
    take_timers();
    advance_touched();
    const TimePoint now = services_.clock.steady_now();
    for (const auto& told : messages.announced) announcer_.on_announced(told.stream, told.is_accepted);
    announcer_.tick(now);
    handover_.tick(table_, now);
    on_table_changed();
    saver_.tick(now);
    lag_.tick(now, services_.clock.now());
}

void Dispatcher::take_view(const RegistryViewPtr& view) {
    view_ = view;
    std::vector<StreamId> gone;
    for (auto& [id, slot] : table_.slots()) {
        const Stream* stream = view_->find_stream(id);
        if (stream == nullptr) {
            gone.push_back(id);
        } else {
            if (slot.change(*stream, moment())) table_.touch(id);
        }
    }
    for (const StreamId id : gone) {
        remove(id);
        leases_.forget(id);
    }
    for (const Stream& stream : view_->streams()) {
        const ClaimedStream* claim = leases_.find(stream.id);
        if (claim != nullptr && table_.find(stream.id) == nullptr) add(stream, *claim);
    }
    is_table_changed_ = true;  // filters and owners may be others
}

void Dispatcher::take_leases(std::vector<LeaseNews> leases) {
    for (LeaseNews& news : leases) {
        if (news.renewal.is_lost) remove_all();
        const TimePoint now = services_.clock.steady_now();
        const bool was_valid = leases_.is_valid(now);
        leases_.set_valid_until(news.valid_until);
        if (!was_valid) table_.touch_all();
        for (const ClaimedStream& claim : news.renewal.claimed) take_claim(claim);
        handover_.begin(news.renewal.surplus, table_, now);
        if (view_) is_first_lease_ = false;
    }
}

void Dispatcher::take_claim(const ClaimedStream& claim) {
    const StreamSlot* slot = table_.find(claim.id);
    if (slot != nullptr && slot->runner().stream().epoch == claim.epoch) return;
    if (slot != nullptr) remove(claim.id);
    leases_.claim(claim);
    const Stream* stream = view_ ? view_->find_stream(claim.id) : nullptr;
    if (stream != nullptr) add(*stream, claim);
}

void Dispatcher::take_tail(const DispatcherInbox::TailNews& news) {
    if (!news.upto) return;
    for (const std::string& type : news.lost_types) {
        for (const StreamId id : routes_.of(type)) {
            table_.find(id)->runner().fall_behind(tail_);
            table_.touch(id);
        }
    }
    tail_ = std::max(tail_, *news.upto);
    const StreamMoment now = moment();
    for (const EventBatch& batch : news.batches) {
        for (const EventPtr& event : *batch) {
            for (const StreamId id : routes_.of(event->type)) {
                table_.find(id)->runner().offer(event, now);
                table_.touch(id);
            }
        }
    }
    saver_.note_tail_moved();
}

template <class Answers, class Take>
void Dispatcher::take_each(Answers answers, Take take) {
    host_.note_reads_done(answers.size());
    for (auto& answer : answers) {
        StreamSlot* slot = table_.find(answer.runner.stream);
        if (slot == nullptr) continue;
        take(*slot, answer.runner, std::move(answer.content));
        table_.touch(answer.runner.stream);
    }
}

void Dispatcher::take_answers(DispatcherInbox::Messages& messages) {
    const StreamMoment now = moment();
    take_each(std::move(messages.pages), [&now](StreamSlot& slot, const RunnerKey& key, auto page) {
        slot.on_page(key, std::move(page), now);
    });
    take_each(std::move(messages.found), [&now](StreamSlot& slot, const RunnerKey& key, auto found) {
        slot.runner().on_found(key.generation, std::move(found), now);
    });
    take_each(std::move(messages.work),
              [&now](StreamSlot& slot, const RunnerKey& key, auto work) { slot.on_work(key, work, now); });
    take_each(std::move(messages.dead),
              [&now](StreamSlot& slot, const RunnerKey& key, auto page) { slot.on_dead(key, page, now); });
}

void Dispatcher::take_wanted_work(const std::vector<std::optional<StreamId>>& streams) {
    const auto want = [this](StreamId id, StreamSlot& slot) {
        slot.runner().want_work();
        table_.touch(id);
    };
    for (const auto& wanted : streams) {
        if (!wanted) {
            for (auto& [id, slot] : table_.slots()) want(id, slot);
        } else if (StreamSlot* slot = table_.find(*wanted)) {
            want(*wanted, *slot);
        }
    }
}

void Dispatcher::take_settlements(std::vector<DispatcherInbox::Settlement> settlements) {
    const StreamMoment now = moment();
    for (const DispatcherInbox::Settlement& settled : settlements) {
        StreamSlot* slot = table_.find(settled.runner.stream);
        if (slot == nullptr) continue;
        const bool was_paused = slot->runner().is_paused();
        slot->on_settled(settled.runner, settled.lane, settled.event, settled.result, now);
        if (slot->runner().is_paused() && !was_paused) slot->is_pausing = true;
        table_.touch(settled.runner.stream);
    }
}

void Dispatcher::take_pauses(const std::vector<DispatcherInbox::PauseStored>& pauses) {
    for (const DispatcherInbox::PauseStored& pause : pauses) {
        StreamSlot* slot = table_.find(pause.stream);
        if (slot == nullptr) continue;
        slot->is_pausing = !pause.is_stored;
        if (slot->is_pausing) {
            table_.wake_at(pause.stream, services_.clock.steady_now() + ProgressSaver::kInterval);
        }
    }
}

void Dispatcher::take_saved(const std::vector<DispatcherInbox::ProgressSaved>& saved) {
    for (const DispatcherInbox::ProgressSaved& result : saved) saver_.on_saved(result);
}

void Dispatcher::take_timers() {
    const TimePoint now = services_.clock.steady_now();
    while (const auto id = table_.take_due(now)) {
        const StreamSlot& slot = *table_.find(*id);
        if (slot.is_pausing) host_.pause(*id, slot.runner().status(moment()).last_error);
        table_.touch(*id);
    }
}

StreamMoment Dispatcher::moment() const {
    return {.now = services_.clock.now(),
            .steady = services_.clock.steady_now(),
            .tail = tail_,
            .is_tight = table_.held_bytes() >= options_.max_held_bytes};
}

std::optional<Dispatcher::TimePoint> Dispatcher::next_wake() const {
    std::optional<TimePoint> wake;
    for (const auto& time : {saver_.next_tick(), lag_.next_tick(), table_.next_wake(), announcer_.next_tick(),
                             handover_.next_tick()}) {
        if (time && (!wake || *time < *wake)) wake = time;
    }
    return wake;
}

}  // namespace headwater
