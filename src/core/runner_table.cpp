#include "core/runner_table.hpp"

#include <utility>

namespace headwater {

StreamSlot* RunnerTable::find(StreamId id) {
    const auto found = slots_.find(id);
    return found == slots_.end() ? nullptr : &found->second;
}

const StreamSlot* RunnerTable::find(StreamId id) const {
    const auto found = slots_.find(id);
    return found == slots_.end() ? nullptr : &found->second;
}

void RunnerTable::remove(StreamId id) {
    const auto found = slots_.find(id);
    if (found == slots_.end()) return;
    wakes_.set(id, std::nullopt);
    touched_.erase(id);
    held_bytes_ -= found->second.counted_bytes;
    slots_.erase(found);
}

void RunnerTable::touch_all() {
    for (const auto& [id, slot] : slots_) touched_.insert(id);
}

void RunnerTable::note_advanced(StreamId id, StreamSlot& slot, const StreamMoment& moment) {
    const std::size_t bytes = slot.bytes();
    held_bytes_ += bytes - std::exchange(slot.counted_bytes, bytes);
    if (!slot.is_pausing) wakes_.set(id, slot.next_wake(moment));
}

std::size_t RunnerTable::in_flight() const {
    std::size_t count = 0;
    for (const auto& [id, slot] : slots_) count += slot.in_flight();
    return count;
}

}  // namespace headwater
