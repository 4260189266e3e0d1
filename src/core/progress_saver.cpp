#include "core/progress_saver.hpp"

#include <algorithm>
#include <utility>

#include "core/log.hpp"

namespace headwater {

ProgressSaver::ProgressSaver(DeliveryStore& store, WorkPool& pool, std::shared_ptr<DispatcherInbox> inbox,
                             Streams streams)
    : store_(store), pool_(pool), inbox_(std::move(inbox)), streams_(std::move(streams)) {}

void ProgressSaver::set_streams(std::vector<StreamId> streams) {
    idle_ = std::move(streams);
    idle_next_ = 0;
    note_tail_moved();
}

void ProgressSaver::forget(StreamId stream) {
    touched_.erase(stream);
    saved_.erase(stream);
}

void ProgressSaver::tick(TimePoint now) {
    if (is_saving_ || now < next_ || (touched_.empty() && idle_left_ == 0)) return;
    next_ = now + kInterval;
    save(std::min(kIdlePerSave, idle_left_));
}

bool ProgressSaver::save_all() {
    return !is_saving_ && save(idle_.size());
}

bool ProgressSaver::save(std::size_t idle_count) {
    std::vector<StreamProgress> all;
    for (const StreamId stream : touched_) collect(stream, all);
    for (std::size_t i = 0; i < idle_count; ++i, idle_next_ = (idle_next_ + 1) % idle_.size()) {
        if (!touched_.contains(idle_[idle_next_])) collect(idle_[idle_next_], all);
    }
    idle_left_ -= std::min(idle_count, idle_left_);
    touched_.clear();
    if (all.empty()) return false;
    for (const StreamProgress& one : all) saving_.push_back({one.stream, one.epoch, one.cursor.position});
    is_saving_ = true;
    const bool is_accepted = pool_.submit([&store = store_, inbox = inbox_, all = std::move(all)] {
        DispatcherInbox::ProgressSaved saved;
        try {
            saved.refused = store.save(all);
            saved.is_saved = true;
        } catch (const std::exception& error) {
            log::warn("progress.unsaved", {{"streams", all.size()}, {"error", error.what()}});
        }
        inbox->post(std::move(saved));
    });
    if (!is_accepted) on_saved({});
    return is_accepted;
}

void ProgressSaver::collect(StreamId stream, std::vector<StreamProgress>& all) const {
    auto progress = streams_.take(stream);
    if (!progress) return;
    const auto saved = saved_.find(stream);
    const bool has_moved = saved == saved_.end() || saved->second < progress->cursor.position;
    const bool has_more = progress->standing || !progress->failing.empty() || !progress->settled.empty() ||
                          !progress->replays.empty() || !progress->expired.empty();
    if (has_moved || has_more) all.push_back(std::move(*progress));
}

void ProgressSaver::on_saved(const DispatcherInbox::ProgressSaved& saved) {
    is_saving_ = false;
    for (const Saving& one : std::exchange(saving_, {})) {
        if (saved.is_saved) {
            saved_[one.stream] = one.position;
        } else {
            touched_.insert(one.stream);
        }
        streams_.on_saved(one.stream, one.epoch, saved.is_saved);
        if (std::ranges::find(saved.refused, one.stream) != saved.refused.end()) {
            streams_.on_refused(one.stream, one.epoch);
        }
    }
}

std::optional<ProgressSaver::TimePoint> ProgressSaver::next_tick() const {
    if (is_saving_ || (touched_.empty() && idle_left_ == 0)) return std::nullopt;
    return next_;
}

}  // namespace headwater
