#include "core/cursor_saver.hpp"

#include <algorithm>
#include <utility>

#include "core/log.hpp"

namespace headwater {

CursorSaver::CursorSaver(RegistryStore& store, WorkPool& pool, std::shared_ptr<DispatcherInbox> inbox,
                         Lookup lookup)
    : store_(store), pool_(pool), inbox_(std::move(inbox)), lookup_(std::move(lookup)) {}

void CursorSaver::set_streams(std::vector<StreamId> streams) {
    idle_ = std::move(streams);
    idle_next_ = 0;
    note_tail_moved();
}

void CursorSaver::forget(StreamId stream) {
    touched_.erase(stream);
    saved_.erase(stream);
}

void CursorSaver::tick(TimePoint now) {
    if (is_saving_ || now < next_ || (touched_.empty() && idle_left_ == 0)) return;
    next_ = now + kInterval;
    save(std::min(kIdlePerSave, idle_left_));
}

bool CursorSaver::save_all() {
    return !is_saving_ && save(idle_.size());
}

bool CursorSaver::save(std::size_t idle_count) {
    std::vector<CursorUpdate> updates;
    for (const StreamId stream : touched_) collect(stream, updates);
    for (std::size_t i = 0; i < idle_count; ++i, idle_next_ = (idle_next_ + 1) % idle_.size()) {
        if (!touched_.contains(idle_[idle_next_])) collect(idle_[idle_next_], updates);
    }
    idle_left_ -= std::min(idle_count, idle_left_);
    touched_.clear();
    if (updates.empty()) return false;
    saving_ = updates;
    is_saving_ = true;
    const bool is_accepted = pool_.submit([&store = store_, inbox = inbox_, updates = std::move(updates)] {
        DispatcherInbox::CursorsSaved saved;
        try {
            saved.refused = store.save_cursors(updates);
            saved.is_saved = true;
        } catch (const std::exception& error) {
            log::warn("cursors.unsaved", {{"streams", updates.size()}, {"error", error.what()}});
        }
        inbox->post(std::move(saved));
    });
    if (!is_accepted) on_saved({});
    return is_accepted;
}

void CursorSaver::collect(StreamId stream, std::vector<CursorUpdate>& updates) const {
    const auto update = lookup_(stream);
    if (!update) return;
    const auto saved = saved_.find(stream);
    if (saved == saved_.end() || saved->second < update->cursor.position) updates.push_back(*update);
}

void CursorSaver::on_saved(const DispatcherInbox::CursorsSaved& saved) {
    is_saving_ = false;
    for (const CursorUpdate& update : std::exchange(saving_, {})) {
        if (saved.is_saved) {
            saved_[update.stream] = update.cursor.position;
        } else {
            touched_.insert(update.stream);
        }
    }
}

std::optional<CursorSaver::TimePoint> CursorSaver::next_tick() const {
    if (is_saving_ || (touched_.empty() && idle_left_ == 0)) return std::nullopt;
    return next_;
}

}  // namespace headwater
