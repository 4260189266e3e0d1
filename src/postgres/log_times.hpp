#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "core/event_log.hpp"
#include "postgres/time_range.hpp"

namespace headwater::postgres {

class Connection;

/// Turns ids into times: when each was handed out, as far as headwater.log_times knows it (at most some 2,100
/// ids or an hour apart; from Timestamp::min() before the first event, through Timestamp::max() near the
/// head). Remembers what it has read, because nothing of it ever changes: rows only follow at the head.
/// Bounded (some 4 MB); thread-safe. Throws as Connection::query() does.
class LogTimes {
  public:
    [[nodiscard]] TimeRange of(Connection& connection, EventId id);
    /// The same for many ids, in their order; cheap when they lie close together.
    [[nodiscard]] std::vector<TimeRange> of(Connection& connection, std::span<const std::int64_t> ids);

  private:
    /// From this id on they were handed out at this time or later; those before it, at this time or before.
    struct Mark {
        std::int64_t first_id;
        Timestamp at;
    };
    /// Those inside a block of ids and the two around it; without the last where there was none yet.
    using Marks = std::vector<Mark>;
    using MarksPtr = std::shared_ptr<const Marks>;

    [[nodiscard]] static std::optional<TimeRange> find(const Marks& marks, std::int64_t id);
    [[nodiscard]] static TimeRange find_near_head(const Marks& marks, std::int64_t id);
    void look_up(Connection& connection, std::span<const std::int64_t> ids,
                 std::span<const std::size_t> missing, std::span<TimeRange> times);
    [[nodiscard]] MarksPtr known(std::int64_t block) const;
    [[nodiscard]] std::vector<MarksPtr> read(Connection& connection, std::int64_t first_block,
                                             std::int64_t last_block);
    void keep(std::int64_t first_block, std::span<const MarksPtr> read);

    mutable std::mutex mutex_;
    std::unordered_map<std::int64_t, MarksPtr> blocks_;  // guarded by mutex_
};

}  // namespace headwater::postgres
