#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <mutex>
#include <optional>

#include "core/ids.hpp"
#include "core/time.hpp"

namespace headwater {

/// When some positions of the log were stored. Those who come back together were cut off at about the same
/// place: between two known positions that lie close in time, nobody has to ask the log. What was stored
/// never changes, so nothing here grows old. Thread-safe; at most kMaxKnown positions.
class PositionTimes {
  public:
    static constexpr std::size_t kMaxKnown = 4096;
    static constexpr std::chrono::seconds kClose{1};

    /// `at` is the created_at of the event at this very position.
    void add(Position position, Timestamp at);
    /// A time that is not after what stands behind `position` and at most kClose before it; nothing when that
    /// would have to be looked up.
    [[nodiscard]] std::optional<Timestamp> find(Position position) const;

  private:
    mutable std::mutex mutex_;
    std::map<Position, Timestamp> known_;  // guarded by mutex_; ascending in both
};

}  // namespace headwater
