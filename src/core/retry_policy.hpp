#pragma once

#include <chrono>
#include <optional>
#include <vector>

namespace headwater {

/// The waits before each further attempt of one event: the destination's own list, or the default (5 s, 5
/// min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h). Each is spread by ±20 %, so that events that failed
/// together do not come back together. Immutable.
class RetryPolicy {
  public:
    static constexpr std::chrono::hours kLongestWait{24};

    RetryPolicy();
    /// An empty list means the default.
    explicit RetryPolicy(std::vector<std::chrono::seconds> waits);

    /// The wait after this many failed attempts (1 and up). `spread` in [0, 1) chooses the place within ±20
    /// %. Past the end of the list the last wait repeats. The destination's own wish takes the list's place,
    /// as it is, up to kLongestWait.
    [[nodiscard]] std::chrono::milliseconds wait_after(int attempts, double spread,
                                                       std::optional<std::chrono::seconds> retry_after) const;

    /// True when the list has no further attempt after this many: a loose event would now be dead.
    [[nodiscard]] bool is_exhausted(int attempts) const;

  private:
    std::vector<std::chrono::seconds> waits_;
};

/// How long to leave a destination alone that is away: 0.5 s, doubling to 15 s. One thread.
class OutageBackoff {
  public:
    static constexpr std::chrono::milliseconds kFirst{500};
    static constexpr std::chrono::milliseconds kLongest{15'000};

    [[nodiscard]] std::chrono::milliseconds next();
    void reset() { next_ = kFirst; }

  private:
    std::chrono::milliseconds next_ = kFirst;
};

}  // namespace headwater
