#pragma once

#include <array>
#include <chrono>
#include <cstdint>

namespace headwater {

/// How many of something a second, over the last minute: twelve buckets of 5 s. A value; one thread.
class RateMeter {
  public:
    using TimePoint = std::chrono::steady_clock::time_point;

    void count(TimePoint now);
    /// Per second, over the minute before `now`; of a younger meter over that minute all the same.
    [[nodiscard]] double per_second(TimePoint now) const;

  private:
    static constexpr std::int64_t kBuckets = 12;
    static constexpr std::chrono::seconds kWidth{5};

    [[nodiscard]] static std::int64_t bucket_of(TimePoint now) { return now.time_since_epoch() / kWidth; }

    std::array<std::uint32_t, kBuckets> counts_{};
    std::int64_t newest_ = 0;
};

}  // namespace headwater
