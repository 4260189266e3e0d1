#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>
#include <vector>

namespace headwater::bench {

/// Counts times in steps of 10 µs, up to 10 s.
class Latencies {
  public:
    void add(std::chrono::microseconds time);
    /// In milliseconds; 0 without any.
    [[nodiscard]] double percentile(double percent) const;
    [[nodiscard]] std::uint64_t count() const { return count_; }

  private:
    static constexpr std::int64_t kStepMicros = 10;
    std::vector<std::uint32_t> counts_ = std::vector<std::uint32_t>(1'000'000);
    std::uint64_t count_ = 0;
};

/// Reads the `created_at` that ends an event's JSON (`…"2026-01-31T23:59:59.123456Z"}`). The day is looked up
/// once and kept.
class StampReader {
  public:
    [[nodiscard]] std::chrono::system_clock::time_point read(std::string_view event);

  private:
    char day_[10] = {};
    std::chrono::sys_days since_epoch_{};
};

}  // namespace headwater::bench
