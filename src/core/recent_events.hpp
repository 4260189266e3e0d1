#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <vector>

#include "core/event.hpp"

namespace headwater {

/// The newest batches of the log, in order and without a gap, numbered one by one. Not thread-safe: the hub
/// keeps one under its lock, each shard one of its own; the batches themselves are shared.
class RecentEvents {
  public:
    struct Bounds {
        std::size_t bytes = 8 << 20;  ///< of the events' JSON
        std::size_t events = 16'384;
    };
    struct Entry {
        EventBatch events;  ///< never empty
        Position end;       ///< the last event's id
        std::size_t bytes = 0;
    };

    /// Forgets everything; what is pushed next follows `position` (stored at `at`). `next` is the number of
    /// the next entry.
    void reset(Position position, std::optional<Timestamp> at, std::uint64_t next);
    void push(const EventBatch& events);
    /// Nothing more stands at or below this position.
    void advance(Position position) { end_ = std::max(end_, position); }
    /// Lets the oldest entries go while the bounds are exceeded and the entry's number is below `keep_from`.
    void trim(const Bounds& bounds, std::uint64_t keep_from);

    /// Every event after this position is here, up to end().
    [[nodiscard]] Position floor() const { return floor_; }
    [[nodiscard]] Position end() const { return end_; }
    [[nodiscard]] bool covers(Position position) const { return position >= floor_; }
    [[nodiscard]] std::uint64_t first_number() const { return first_; }
    [[nodiscard]] std::uint64_t next_number() const { return first_ + entries_.size(); }
    [[nodiscard]] const Entry& entry(std::uint64_t number) const { return entries_[number - first_]; }
    [[nodiscard]] std::size_t bytes() const { return bytes_; }

    /// A time that is not after the created_at of the first event behind `position`, which must be covered.
    /// Nothing when it is not known.
    [[nodiscard]] std::optional<Timestamp> time_at(Position position) const;
    /// Shows the events behind `position` in order until visit returns false.
    void for_each_after(Position position, const std::function<bool(const EventPtr&)>& visit) const;

  private:
    [[nodiscard]] std::size_t index_after(Position position) const;

    std::deque<Entry> entries_;
    std::uint64_t first_ = 0;
    std::size_t bytes_ = 0;
    std::size_t events_ = 0;
    Position floor_;
    Position end_;
    std::optional<Timestamp> floor_at_;
};

}  // namespace headwater
