#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace headwater {

/// How many requests a key may make: "1000/s", "600/min", "5000/h". So many may come at once, and places come
/// free evenly over the unit.
struct RequestRate {
    std::int64_t requests = 1;  ///< 1 to a million
    std::chrono::seconds unit{1};

    friend bool operator==(const RequestRate&, const RequestRate&) = default;
};

/// Nothing for anything else.
[[nodiscard]] std::optional<RequestRate> parse_request_rate(std::string_view text);
[[nodiscard]] std::string to_string(const RequestRate& rate);

/// What one key has used: its token bucket and when it was last seen. Shared by the threads that serve it,
/// without a lock.
class KeyMeter {
  public:
    using SteadyTime = std::chrono::steady_clock::time_point;

    /// Takes one place of the bucket; else how long it takes until there is one. The bucket is kept as the
    /// time at which it will be full again (the generic cell rate algorithm, ITU-T I.371 annex A).
    [[nodiscard]] std::optional<std::chrono::nanoseconds> wait_for_place(const RequestRate& rate,
                                                                         SteadyTime now);

    void note_use(std::chrono::sys_seconds now);
    /// When it was last used, in this process; nothing when it never was.
    [[nodiscard]] std::optional<std::chrono::sys_seconds> last_use() const;

  private:
    std::atomic<std::int64_t> full_at_{0};   // nanoseconds of the steady clock
    std::atomic<std::int64_t> last_use_{0};  // seconds since 1970
};

}  // namespace headwater
