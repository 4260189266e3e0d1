#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/time.hpp"

namespace headwater {

/// A UTC minute, hour, day or calendar month: the unit of a feed. [begin, end).
class TimeSlice {
  public:
    enum class Unit { minute, hour, day, month };

    /// The slice of this unit that holds the moment.
    [[nodiscard]] static TimeSlice containing(Unit unit, Timestamp moment);

    [[nodiscard]] Unit unit() const { return unit_; }
    [[nodiscard]] Timestamp begin() const { return begin_; }
    [[nodiscard]] Timestamp end() const { return end_; }
    [[nodiscard]] TimeSlice previous() const;
    [[nodiscard]] TimeSlice next() const;
    /// "hour/2018-02-01T15:00:00.000Z", as it stands in the slice's address.
    [[nodiscard]] std::string path() const;

    friend bool operator==(const TimeSlice&, const TimeSlice&) = default;

  private:
    TimeSlice(Unit unit, Timestamp begin, Timestamp end) : unit_(unit), begin_(begin), end_(end) {}
    Unit unit_;
    Timestamp begin_;
    Timestamp end_;
};

[[nodiscard]] std::string_view to_string(TimeSlice::Unit unit);
[[nodiscard]] std::optional<TimeSlice::Unit> parse_slice_unit(std::string_view text);

/// Reads a time in a feed address: RFC 3339, or cut short to `2018-02-01T15:04`, `2018-02-01T15`,
/// `2018-02-01`, `2018-02` (UTC).
[[nodiscard]] std::optional<Timestamp> parse_slice_time(std::string_view text);

}  // namespace headwater
