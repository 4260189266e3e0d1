#pragma once

#include <atomic>

#include "core/time.hpp"

namespace headwater::testing {

/// A clock that stands still until it is told otherwise. Thread-safe.
class ManualClock final : public Clock {
  public:
    [[nodiscard]] Timestamp now() const override { return Timestamp(std::chrono::microseconds(now_.load())); }
    [[nodiscard]] std::chrono::steady_clock::time_point steady_now() const override {
        return std::chrono::steady_clock::time_point(std::chrono::microseconds(now_.load()));
    }
    void pass(std::chrono::microseconds time) { now_ += time.count(); }

  private:
    std::atomic<std::int64_t> now_{1'000'000'000'000};
};

}  // namespace headwater::testing
