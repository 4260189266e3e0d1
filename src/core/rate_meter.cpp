#include "core/rate_meter.hpp"

#include <algorithm>

namespace headwater {

void RateMeter::count(TimePoint now) {
    const std::int64_t bucket = bucket_of(now);
    if (bucket > newest_) {
        const std::int64_t first = std::max(newest_ + 1, bucket - kBuckets + 1);
        for (std::int64_t old = first; old <= bucket; ++old) {
            counts_[static_cast<std::size_t>(old % kBuckets)] = 0;
        }
        newest_ = bucket;
    }
    ++counts_[static_cast<std::size_t>(bucket % kBuckets)];
}

double RateMeter::per_second(TimePoint now) const {
    const std::int64_t oldest = bucket_of(now) - kBuckets + 1;
    std::uint64_t sum = 0;
    for (std::int64_t bucket = std::max(oldest, newest_ - kBuckets + 1); bucket <= newest_; ++bucket) {
        if (bucket >= 0) sum += counts_[static_cast<std::size_t>(bucket % kBuckets)];
    }
    return static_cast<double>(sum) / std::chrono::duration<double>(kWidth * kBuckets).count();
}

}  // namespace headwater
