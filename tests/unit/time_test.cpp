#include "core/time.hpp"

#include <gtest/gtest.h>

namespace headwater {
namespace {

using namespace std::chrono_literals;
using std::chrono::sys_days;

TEST(Time, FormatsInUtcWithMicroseconds) {
    const Timestamp time = sys_days{2018y / 2 / 1} + 11h + 12min + 1s + 42us;
    EXPECT_EQ(format_time(time), "2018-02-01T11:12:01.000042Z");
    EXPECT_EQ(format_slice_time(time), "2018-02-01T11:12:01.000Z");
    EXPECT_EQ(format_slice_time(time + 7999us), "2018-02-01T11:12:01.008Z");
    EXPECT_EQ(format_time(sys_days{1y / 1 / 1}), "0001-01-01T00:00:00.000000Z");
    EXPECT_EQ(format_time(sys_days{10'000y / 1 / 1} - 1us), "9999-12-31T23:59:59.999999Z");
    EXPECT_EQ(format_time(sys_days{1970y / 1 / 1} - 1us), "1969-12-31T23:59:59.999999Z");
}

TEST(Time, ReadsEveryFormOfRfc3339) {
    const Timestamp noon = sys_days{2020y / 2 / 29} + 12h;
    EXPECT_EQ(parse_rfc3339("2020-02-29T12:00:00Z"), noon);
    EXPECT_EQ(parse_rfc3339("2020-02-29t12:00:00z"), noon);
    EXPECT_EQ(parse_rfc3339("2020-02-29T14:30:00+02:30"), noon);
    EXPECT_EQ(parse_rfc3339("2020-02-28T23:00:00-13:00"), noon);
    EXPECT_EQ(parse_rfc3339("2020-02-29T12:00:00-00:00"), noon);
    EXPECT_EQ(parse_rfc3339("2020-02-29T12:00:00.5Z"), noon + 500ms);
    EXPECT_EQ(parse_rfc3339("2020-02-29T12:00:00.0000019999999999Z"), noon + 1us);
    EXPECT_EQ(parse_rfc3339("2020-02-29T11:59:60Z"), noon);
    EXPECT_EQ(parse_rfc3339("0001-01-01T00:00:00Z"), Timestamp(sys_days{1y / 1 / 1}));
}

TEST(Time, ReadsBackWhatItFormats) {
    const Timestamp begin = sys_days{1969y / 12 / 31} + 23h + 59min + 59s + 123'456us;
    for (int i = 0; i < 1000; ++i) {
        const Timestamp time = begin + i * 3'333'333'333'333us;
        EXPECT_EQ(parse_rfc3339(format_time(time)), time);
    }
}

TEST(Time, RefusesWhatIsNoTime) {
    for (const auto* text : {"",
                             "2020",
                             "2020-02-29",
                             "2020-02-29T12:00Z",
                             "2020-02-29T12:00:00",
                             "2020-02-29 12:00:00Z",
                             "2020-2-29T12:00:00Z",
                             "2021-02-29T12:00:00Z",
                             "2020-00-01T12:00:00Z",
                             "2020-13-01T12:00:00Z",
                             "2020-02-29T24:00:00Z",
                             "2020-02-29T12:60:00Z",
                             "2020-02-29T12:00:61Z",
                             "2020-02-29T12:00:00.Z",
                             "2020-02-29T12:00:00+24:00",
                             "2020-02-29T12:00:00+02:60",
                             "2020-02-29T12:00:00+0200",
                             "2020-02-29T12:00:00Zx",
                             "0000-01-01T00:00:00Z",
                             "0001-01-01T00:00:00+00:01",
                             "9999-12-31T23:59:60Z",
                             "-020-02-29T12:00:00Z",
                             "2020-02-29T12:00:00,5Z",
                             "+2020-02-29T12:00:00Z"}) {
        EXPECT_EQ(parse_rfc3339(text), std::nullopt) << text;
    }
}

TEST(Time, TheSystemClockGoesOn) {
    const SystemClock clock;
    const auto first = clock.steady_now();
    EXPECT_LE(first, clock.steady_now());
    EXPECT_GT(clock.now(), Timestamp(sys_days{2024y / 1 / 1}));
}

}  // namespace
}  // namespace headwater
