#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

namespace headwater {

/// Lets at most `rate` events a second through, in bursts of a tenth of a second; no rate lets all through. A
/// value; one thread.
class TokenBucket {
  public:
    using TimePoint = std::chrono::steady_clock::time_point;

    explicit TokenBucket(std::optional<int> rate)
        : rate_(rate ? *rate : 0), burst_(std::max(1.0, rate_ / 10)), tokens_(1) {}

    /// True when one may pass now; spend() takes it.
    [[nodiscard]] bool has_token(TimePoint now) {
        if (rate_ == 0) return true;
        if (filled_) tokens_ = std::min(burst_, tokens_ + rate_ * seconds(now - *filled_));
        filled_ = now;
        return tokens_ >= 1;
    }
    void spend() {
        if (rate_ > 0) tokens_ -= 1;
    }
    /// When the next may pass, at the earliest.
    [[nodiscard]] TimePoint next(TimePoint now) const {
        if (rate_ == 0 || tokens_ >= 1) return now;
        const std::chrono::duration<double> wait{(1 - tokens_) / rate_};
        return filled_.value_or(now) + std::chrono::ceil<std::chrono::milliseconds>(wait);
    }

  private:
    [[nodiscard]] static double seconds(std::chrono::duration<double> time) { return time.count(); }

    double rate_;
    double burst_;
    double tokens_;
    std::optional<TimePoint> filled_;
};

}  // namespace headwater
