#include "core/stream_handover.hpp"

#include <algorithm>
#include <utility>

#include "core/log.hpp"

namespace headwater {

void StreamHandover::begin(std::size_t surplus, RunnerTable& table, TimePoint now) {
    const std::size_t leaving = settling_.size() + releasing_.size();
    if (surplus <= leaving) return;
    std::vector<std::pair<std::size_t, StreamId>> choice;
    for (const auto& [id, slot] : table.slots()) {
        if (!settling_.contains(id)) choice.emplace_back(slot.in_flight() + (slot.bytes() > 0 ? 1 : 0), id);
    }
    const auto count = static_cast<std::ptrdiff_t>(std::min(surplus - leaving, choice.size()));
    std::ranges::partial_sort(choice, choice.begin() + count);
    choice.resize(static_cast<std::size_t>(count));
    for (const auto& [load, id] : choice) {
        table.find(id)->drain();
        settling_.emplace(id, now + kSettle);
    }
    log::info("streams.handed-over", {{"streams", choice.size()}});
}

void StreamHandover::tick(const RunnerTable& table, TimePoint now) {
    std::vector<StreamId> settled;
    for (const auto& [id, until] : settling_) {
        const StreamSlot* slot = table.find(id);
        if (slot == nullptr || slot->in_flight() == 0 || now >= until) settled.push_back(id);
    }
    for (const StreamId id : settled) {
        settling_.erase(id);
        if (table.find(id) == nullptr) continue;  // gone meanwhile
        releasing_.insert(id);
        release_(id);
    }
}

void StreamHandover::on_released(const std::vector<StreamId>& streams) {
    for (const StreamId id : streams) releasing_.erase(id);
}

void StreamHandover::clear() {
    settling_.clear();
    releasing_.clear();
}

std::optional<StreamHandover::TimePoint> StreamHandover::next_tick() const {
    std::optional<TimePoint> next;
    for (const auto& [id, until] : settling_) {
        if (!next || until < *next) next = until;
    }
    return next;
}

}  // namespace headwater
