#pragma once

#include <array>
#include <chrono>
#include <cstdint>

namespace headwater {

/// Notices a destination that keeps failing: over 70 % of at least 10 attempts within the last 5 minutes.
/// Counts in buckets of 10 s. Owned by one stream's DestinationHealth; one thread.
class CircuitBreaker {
  public:
    using TimePoint = std::chrono::steady_clock::time_point;
    static constexpr std::uint32_t kLeastAttempts = 10;

    void count_delivered(TimePoint now);
    void count_failed(TimePoint now);
    /// True when the attempts of the window say that the destination should be let rest.
    [[nodiscard]] bool is_tripped() const;
    void reset();

  private:
    struct Bucket {
        std::int64_t number = -1;
        std::uint32_t delivered = 0;
        std::uint32_t failed = 0;
    };
    static constexpr std::size_t kBuckets = 30;

    Bucket& bucket_at(TimePoint now);

    std::array<Bucket, kBuckets> buckets_{};
    std::int64_t newest_ = -1;
};

}  // namespace headwater
