#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "core/stream_slot.hpp"
#include "core/wake_list.hpp"

namespace headwater {

/// The streams that this node runs: which of them have news in this round, when each wants to be woken, and
/// how much memory their events take. Belongs to the dispatcher's thread.
class RunnerTable {
  public:
    using TimePoint = std::chrono::steady_clock::time_point;
    using Slots = std::unordered_map<StreamId, StreamSlot>;

    template <class... Arguments>
    StreamSlot& add(StreamId id, Arguments&&... arguments) {
        return slots_.try_emplace(id, std::forward<Arguments>(arguments)...).first->second;
    }
    [[nodiscard]] StreamSlot* find(StreamId id);
    [[nodiscard]] const StreamSlot* find(StreamId id) const;
    void remove(StreamId id);
    void clear() { *this = RunnerTable(); }

    /// The stream has news and is to be advanced in this round.
    void touch(StreamId id) { touched_.insert(id); }
    void touch_all();
    [[nodiscard]] std::unordered_set<StreamId> take_touched() { return std::exchange(touched_, {}); }
    /// After a slot was advanced: takes its memory and its next wake down.
    void note_advanced(StreamId id, StreamSlot& slot, const StreamMoment& moment);

    void wake_at(StreamId id, std::optional<TimePoint> time) { wakes_.set(id, time); }
    /// A stream whose time has come; nothing when there is none.
    [[nodiscard]] std::optional<StreamId> take_due(TimePoint now) { return wakes_.take_due(now); }
    [[nodiscard]] std::optional<TimePoint> next_wake() const { return wakes_.next(); }

    [[nodiscard]] const Slots& slots() const { return slots_; }
    [[nodiscard]] Slots& slots() { return slots_; }
    [[nodiscard]] std::size_t held_bytes() const { return held_bytes_; }
    [[nodiscard]] std::size_t in_flight() const;

  private:
    Slots slots_;
    std::unordered_set<StreamId> touched_;
    WakeList wakes_;
    std::size_t held_bytes_ = 0;
};

}  // namespace headwater
