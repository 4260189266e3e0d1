#include "core/circuit_breaker.hpp"

#include <algorithm>

namespace headwater {

void CircuitBreaker::count_delivered(TimePoint now) {
    ++bucket_at(now).delivered;
}

void CircuitBreaker::count_failed(TimePoint now) {
    ++bucket_at(now).failed;
}

bool CircuitBreaker::is_tripped() const {
    std::uint32_t delivered = 0;
    std::uint32_t failed = 0;
    for (const Bucket& bucket : buckets_) {
        if (bucket.number + static_cast<std::int64_t>(kBuckets) <= newest_) continue;
        delivered += bucket.delivered;
        failed += bucket.failed;
    }
    const std::uint32_t attempts = delivered + failed;
    return attempts >= kLeastAttempts && failed * 10 > attempts * 7;
}

void CircuitBreaker::reset() {
    *this = CircuitBreaker();
}

CircuitBreaker::Bucket& CircuitBreaker::bucket_at(TimePoint now) {
    const auto number = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count() / 10;
    newest_ = std::max(newest_, number);
    Bucket& bucket = buckets_[static_cast<std::size_t>(number) % kBuckets];
    if (bucket.number != number) bucket = Bucket{number};
    return bucket;
}

}  // namespace headwater
