#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <map>
#include <mutex>
#include <optional>

#include "core/connection_limits.hpp"

namespace headwater {

/// Counts, by address, how often somebody has shown what opens nothing. Some may fail at once, then one each
/// second. Only failures come here: whoever shows a good key is never kept waiting by a neighbour.
/// Bounded: of too many addresses the one that failed longest ago is forgotten. Thread-safe.
class FailedAttempts {
  public:
    using SteadyTime = std::chrono::steady_clock::time_point;
    struct Bounds {
        int at_once = 60;
        std::chrono::milliseconds each{1'000};
        std::size_t addresses = 10'000;
    };

    explicit FailedAttempts(const Bounds& bounds) : bounds_(bounds) {}
    FailedAttempts() : FailedAttempts(Bounds{}) {}

    /// Counts one more. The time to wait when there were too many already; that one does not count.
    [[nodiscard]] std::optional<std::chrono::milliseconds> add(const RemoteAddress& address, SteadyTime now);

  private:
    struct Record {
        RemoteAddress address;
        SteadyTime forgiven_at;  ///< when all is forgiven
    };
    [[nodiscard]] std::optional<std::chrono::milliseconds> wait_of(SteadyTime forgiven_at,
                                                                   SteadyTime now) const;

    const Bounds bounds_;
    mutable std::mutex mutex_;
    std::list<Record> records_;                                        // guarded by mutex_; latest first
    std::map<RemoteAddress, std::list<Record>::iterator> by_address_;  // guarded by mutex_
};

}  // namespace headwater
