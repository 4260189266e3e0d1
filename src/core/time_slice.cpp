#include "core/time_slice.hpp"

#include <chrono>

namespace headwater {
namespace {

Timestamp floor_to(TimeSlice::Unit unit, Timestamp moment) {
    switch (unit) {
        case TimeSlice::Unit::minute:
            return std::chrono::floor<std::chrono::minutes>(moment);
        case TimeSlice::Unit::hour:
            return std::chrono::floor<std::chrono::hours>(moment);
        case TimeSlice::Unit::day:
            return std::chrono::floor<std::chrono::days>(moment);
        case TimeSlice::Unit::month:
            break;
    }
    const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(moment)};
    return std::chrono::sys_days{date.year() / date.month() / 1};
}

Timestamp end_of(TimeSlice::Unit unit, Timestamp begin) {
    switch (unit) {
        case TimeSlice::Unit::minute:
            return begin + std::chrono::minutes{1};
        case TimeSlice::Unit::hour:
            return begin + std::chrono::hours{1};
        case TimeSlice::Unit::day:
            return begin + std::chrono::days{1};
        case TimeSlice::Unit::month:
            break;
    }
    const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(begin)};
    return std::chrono::sys_days{date + std::chrono::months{1}};
}

}  // namespace

TimeSlice TimeSlice::containing(Unit unit, Timestamp moment) {
    const Timestamp begin = floor_to(unit, moment);
    return {unit, begin, end_of(unit, begin)};
}

TimeSlice TimeSlice::previous() const {
    return containing(unit_, begin_ - std::chrono::microseconds{1});
}

TimeSlice TimeSlice::next() const {
    return containing(unit_, end_);
}

std::string TimeSlice::path() const {
    std::string text(to_string(unit_));
    text += '/';
    text += format_slice_time(begin_);
    return text;
}

std::string_view to_string(TimeSlice::Unit unit) {
    switch (unit) {
        case TimeSlice::Unit::minute:
            return "minute";
        case TimeSlice::Unit::hour:
            return "hour";
        case TimeSlice::Unit::day:
            return "day";
        case TimeSlice::Unit::month:
            return "month";
    }
    return "";
}

std::optional<TimeSlice::Unit> parse_slice_unit(std::string_view text) {
    using enum TimeSlice::Unit;
    for (const auto unit : {minute, hour, day, month}) {
        if (text == to_string(unit)) return unit;
    }
    return std::nullopt;
}

std::optional<Timestamp> parse_slice_time(std::string_view text) {
    // What is missing from a time that was cut short, by the length of what is there.
    std::string_view rest;
    switch (text.size()) {
        case std::string_view("2018-02").size():
            rest = "-01T00:00:00Z";
            break;
        case std::string_view("2018-02-01").size():
            rest = "T00:00:00Z";
            break;
        case std::string_view("2018-02-01T15").size():
            rest = ":00:00Z";
            break;
        case std::string_view("2018-02-01T15:04").size():
            rest = ":00Z";
            break;
        default:
            break;
    }
    return parse_rfc3339(std::string(text).append(rest));
}

}  // namespace headwater
