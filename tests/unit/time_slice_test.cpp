#include "core/time_slice.hpp"

#include <gtest/gtest.h>

namespace headwater {
namespace {

using namespace std::chrono_literals;
using std::chrono::sys_days;
using Unit = TimeSlice::Unit;

Timestamp at(std::string_view text) {
    return parse_slice_time(text).value();
}

TEST(TimeSlice, HoldsTheMomentBetweenItsEnds) {
    const auto moment = at("2018-02-01T15:04:05.999999Z");
    const struct {
        Unit unit;
        std::string_view begin;
        std::string_view end;
    } cases[] = {
        {Unit::minute, "2018-02-01T15:04", "2018-02-01T15:05"},
        {Unit::hour, "2018-02-01T15", "2018-02-01T16"},
        {Unit::day, "2018-02-01", "2018-02-02"},
        {Unit::month, "2018-02", "2018-03"},
    };
    for (const auto& [unit, begin, end] : cases) {
        const auto slice = TimeSlice::containing(unit, moment);
        EXPECT_EQ(slice.unit(), unit);
        EXPECT_EQ(slice.begin(), at(begin));
        EXPECT_EQ(slice.end(), at(end));
        EXPECT_EQ(TimeSlice::containing(unit, slice.begin()), slice);
        EXPECT_EQ(TimeSlice::containing(unit, slice.end()), slice.next());
        EXPECT_EQ(slice.next().previous(), slice);
        EXPECT_EQ(slice.previous().end(), slice.begin());
    }
}

TEST(TimeSlice, WalksOverTheEndsOfYears) {
    const auto december = TimeSlice::containing(Unit::month, at("2019-12-31T23:59:59Z"));
    EXPECT_EQ(december.next().begin(), at("2020-01"));
    EXPECT_EQ(december.next().next().end(), at("2020-03"));
    EXPECT_EQ(december.next().previous(), december);
    EXPECT_EQ(TimeSlice::containing(Unit::day, at("1969-12-31T01:00:00Z")).begin(), at("1969-12-31"));
}

TEST(TimeSlice, WritesItsAddress) {
    EXPECT_EQ(TimeSlice::containing(Unit::hour, at("2018-02-01T15:30")).path(),
              "hour/2018-02-01T15:00:00.000Z");
    EXPECT_EQ(TimeSlice::containing(Unit::month, at("2018-02-11")).path(), "month/2018-02-01T00:00:00.000Z");
}

TEST(TimeSlice, ReadsUnits) {
    for (const auto unit : {Unit::minute, Unit::hour, Unit::day, Unit::month}) {
        EXPECT_EQ(parse_slice_unit(to_string(unit)), unit);
    }
    EXPECT_EQ(parse_slice_unit("week"), std::nullopt);
    EXPECT_EQ(parse_slice_unit(""), std::nullopt);
}

TEST(TimeSlice, ReadsTimesThatAreCutShort) {
    EXPECT_EQ(parse_slice_time("2018-02-01T15:04:05+01:00"),
              Timestamp(sys_days{2018y / 2 / 1} + 14h + 4min + 5s));
    EXPECT_EQ(parse_slice_time("2018-02-01T15:04"), Timestamp(sys_days{2018y / 2 / 1} + 15h + 4min));
    EXPECT_EQ(parse_slice_time("2018-02-01T15"), Timestamp(sys_days{2018y / 2 / 1} + 15h));
    EXPECT_EQ(parse_slice_time("2018-02-01"), Timestamp(sys_days{2018y / 2 / 1}));
    EXPECT_EQ(parse_slice_time("2018-02"), Timestamp(sys_days{2018y / 2 / 1}));
    for (const auto* text : {"", "2018", "2018-13", "2018-02-30", "2018-02-01T", "2018-02-01T25",
                             "2018-02-01T15:60", "2018-02-01T15:04:05", "current"}) {
        EXPECT_EQ(parse_slice_time(text), std::nullopt) << text;
    }
}

}  // namespace
}  // namespace headwater
