#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace headwater {

/// A moment in UTC with PostgreSQL's resolution.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

/// "2018-02-01T11:12:01.000000Z": the form of every time field. Years 0001 to 9999.
[[nodiscard]] std::string format_time(Timestamp time);

/// "2018-02-01T15:00:00.000Z": the form used in slice addresses (milliseconds).
[[nodiscard]] std::string format_slice_time(Timestamp time);

/// Reads any RFC 3339 date-time (section 5.6: offset `Z` or ±hh:mm, lower case t and z allowed, fraction of
/// any length, cut to microseconds; second 60 counts as the next minute's 0). Nothing when it is malformed or
/// not a real date.
[[nodiscard]] std::optional<Timestamp> parse_rfc3339(std::string_view text);

/// Where the domain gets the time from, so that tests can hold it. Implementations are thread-safe.
class Clock {
  public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual Timestamp now() const = 0;
    /// For deadlines and backoff; never goes back.
    [[nodiscard]] virtual std::chrono::steady_clock::time_point steady_now() const = 0;
};

class SystemClock final : public Clock {
  public:
    [[nodiscard]] Timestamp now() const override;
    [[nodiscard]] std::chrono::steady_clock::time_point steady_now() const override;
};

}  // namespace headwater
