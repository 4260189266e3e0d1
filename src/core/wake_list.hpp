#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

#include "core/ids.hpp"

namespace headwater {

/// When each stream wants to be woken; streams that wait for nothing are not in it. One thread.
class WakeList {
  public:
    using TimePoint = std::chrono::steady_clock::time_point;

    /// Nothing takes the stream off the list.
    void set(StreamId stream, std::optional<TimePoint> time);
    /// Takes a stream off whose time has come; nothing when there is none.
    [[nodiscard]] std::optional<StreamId> take_due(TimePoint now);
    [[nodiscard]] std::optional<TimePoint> next() const;

  private:
    std::set<std::pair<TimePoint, StreamId>> by_time_;
    std::unordered_map<StreamId, TimePoint> times_;
};

}  // namespace headwater
