#include "core/retry_policy.hpp"

#include <algorithm>
#include <utility>

namespace headwater {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

RetryPolicy::RetryPolicy() : RetryPolicy(std::vector<std::chrono::seconds>{}) {}

RetryPolicy::RetryPolicy(std::vector<std::chrono::seconds> waits) : waits_(std::move(waits)) {
    if (waits_.empty()) waits_ = {5s, 5min, 30min, 2h, 5h, 10h, 14h, 20h, 24h};
}

milliseconds RetryPolicy::wait_after(int attempts, double spread,
                                     std::optional<std::chrono::seconds> retry_after) const {
    if (retry_after) return std::clamp<milliseconds>(*retry_after, 0ms, kLongestWait);
    const auto last = static_cast<int>(waits_.size());
    const auto index = static_cast<std::size_t>(std::clamp(attempts, 1, last) - 1);
    const double factor = 0.8 + 0.4 * spread;
    return std::chrono::duration_cast<milliseconds>(milliseconds(waits_[index]) * factor);
}

bool RetryPolicy::is_exhausted(int attempts) const {
    return attempts > static_cast<int>(waits_.size());
}

milliseconds OutageBackoff::next() {
    return std::exchange(next_, std::min(next_ * 2, kLongest));
}

}  // namespace headwater
