#include "postgres/log_times.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <limits>
#include <vector>

#include "tests/support/test_database.hpp"

namespace headwater::testing {
namespace {

using postgres::LogTimes;
using postgres::TimeRange;

/// A mark for every hundred ids, a second apart; LogTimes keeps them in blocks of 4,096.
class LogTimesTest : public ::testing::Test {
  protected:
    static constexpr std::int64_t kStep = 100;

    void add_marks(int first, int last) {
        database_.sql().run(
            fmt::format("insert into headwater.log_times select n * {}, to_timestamp(n) from "
                        "generate_series({}, {}) n",
                        kStep, first, last));
    }
    static Timestamp second(std::int64_t n) { return Timestamp{std::chrono::seconds{n}}; }
    /// What the rows say of an id, when the last of them is `last`.
    static TimeRange expected(std::int64_t id, std::int64_t last) {
        const std::int64_t n = id / kStep;
        return {n == 0 ? Timestamp::min() : second(std::min(n, last)),
                n >= last ? Timestamp::max() : second(n + 1)};
    }
    void check(const std::vector<std::int64_t>& ids, std::int64_t last, LogTimes& times) {
        const std::vector<TimeRange> found = times.of(database_.sql(), ids);
        for (std::size_t i = 0; i < ids.size(); ++i) {
            const TimeRange one = times.of(database_.sql(), EventId{ids[i]});
            const TimeRange wanted = expected(ids[i], last);
            EXPECT_EQ(found[i].from, wanted.from) << ids[i];
            EXPECT_EQ(found[i].through, wanted.through) << ids[i];
            EXPECT_EQ(one.from, wanted.from) << ids[i];
            EXPECT_EQ(one.through, wanted.through) << ids[i];
        }
    }

    TestDatabase database_;
};

TEST_F(LogTimesTest, KnowsNothingOfALogWithoutEvents) {
    const TimeRange found = LogTimes{}.of(database_.sql(), EventId{5});
    EXPECT_EQ(found.from, Timestamp::min());
    EXPECT_EQ(found.through, Timestamp::max());
}

TEST_F(LogTimesTest, TellsTheMarksAroundEachIdAcrossBlocks) {
    add_marks(1, 1'000);
    LogTimes times;
    const std::vector<std::int64_t> ids = {0,
                                           1,
                                           99,
                                           100,
                                           101,
                                           4'095,
                                           4'096,
                                           4'097,
                                           4'100,
                                           16'383,
                                           16'384,
                                           16'400,
                                           32'768,
                                           49'999,
                                           65'536,
                                           99'999,
                                           100'000,
                                           200'000,
                                           std::numeric_limits<std::int64_t>::max() - 5'000,
                                           std::numeric_limits<std::int64_t>::max()};
    check(ids, 1'000, times);
    check(ids, 1'000, times);  // what it remembers
}

TEST_F(LogTimesTest, SeesTheMarksThatFollowAtTheHead) {
    add_marks(1, 200);
    LogTimes times;
    check({19'999, 20'000, 20'050}, 200, times);
    add_marks(201, 205);
    check({19'999, 20'000, 20'050, 20'499, 20'500, 40'000}, 205, times);
    add_marks(206, 500);
    check({20'050, 20'500, 20'650, 32'800, 49'900, 50'000}, 500, times);
}

TEST_F(LogTimesTest, LooksIdsThatLieFarApartUpOneByOne) {
    add_marks(1, 10'000);
    LogTimes times;
    check({50, 5'050, 999'950, 1'000'000, 2'000'000}, 10'000, times);
}

TEST_F(LogTimesTest, SpansBlocksWithoutAMark) {
    database_.sql().run(
        "insert into headwater.log_times values (10, to_timestamp(1)), (100000, to_timestamp(2))");
    LogTimes times;
    for (int i = 0; i < 2; ++i) {
        const TimeRange found = times.of(database_.sql(), EventId{50'000});
        EXPECT_EQ(found.from, second(1));
        EXPECT_EQ(found.through, second(2));
    }
}

}  // namespace
}  // namespace headwater::testing
