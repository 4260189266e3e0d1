#include "core/stats_history.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headwater {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

const Timestamp kStart{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}};

TEST(StatsHistory, HasNoStepBeforeTheSecondReading) {
    StatsHistory history;
    history.add({.accepted = {{"a", 7}}}, kStart);
    EXPECT_THAT(history.steps(), IsEmpty());
    EXPECT_THAT(history.accepted(), ElementsAre(Pair("a", 7)));
}

TEST(StatsHistory, SaysWhatHappenedWithinAStepPerSecond) {
    StatsHistory history;
    history.add({.accepted = {{"a", 10}, {"idle", 3}}, .deliveries = {{"delivered", 1}}}, kStart);
    history.add({.accepted = {{"a", 30}, {"idle", 3}, {"new", 5}},
                 .deliveries = {{"delivered", 11}, {"failed", 5}},
                 .lag_events = 4,
                 .oldest_seconds = 1.5,
                 .live_connections = 2,
                 .live_messages = 50},
                kStart + 5s);
    const auto steps = history.steps();
    ASSERT_EQ(steps.size(), 1U);
    EXPECT_EQ(steps[0].at, kStart + 5s);
    EXPECT_THAT(steps[0].types, ElementsAre(Pair("a", 4), Pair("new", 1)));
    EXPECT_EQ(steps[0].accepted, 5);
    EXPECT_THAT(steps[0].deliveries, ElementsAre(Pair("delivered", 2), Pair("failed", 1)));
    EXPECT_EQ(steps[0].lag_events, 4);
    EXPECT_EQ(steps[0].oldest_seconds, 1.5);
    EXPECT_EQ(steps[0].live_connections, 2);
    EXPECT_EQ(steps[0].live_messages, 10);
    EXPECT_EQ(steps[0].append_p50, std::nullopt);
}

TEST(StatsHistory, CountsAnewWhatWasRemoved) {
    StatsHistory history;
    history.add({.deliveries = {{"delivered", 1000}}}, kStart);
    history.add({.deliveries = {{"delivered", 10}}}, kStart + 5s);
    EXPECT_THAT(history.steps()[0].deliveries, ElementsAre(Pair("delivered", 2)));
}

TEST(StatsHistory, TakesQuantilesOfTheStepAlone) {
    StatsHistory history;
    history.add({.append_seconds = {{0.001, 0.01}, {1000, 0, 0}}}, kStart);
    history.add({.append_seconds = {{0.001, 0.01}, {1000, 100, 0}}}, kStart + 5s);
    EXPECT_DOUBLE_EQ(*history.steps()[0].append_p50, 0.0055);
}

TEST(StatsHistory, KeepsTheLastQuarterOfAnHour) {
    StatsHistory history;
    for (std::size_t i = 0; i < StatsHistory::kSteps + 10; ++i) {
        history.add({}, kStart + static_cast<int>(i) * StatsHistory::kStep);
    }
    ASSERT_EQ(history.steps().size(), StatsHistory::kSteps);
    EXPECT_EQ(history.steps().back().at - history.steps().front().at, 15min - StatsHistory::kStep);
}

TEST(Quantile, InterpolatesWithinItsBucket) {
    const MetricFigures::Histogram histogram{{1, 2, 4}, {0, 10, 10, 0}};
    EXPECT_DOUBLE_EQ(*quantile(histogram, 0.25), 1.5);
    EXPECT_DOUBLE_EQ(*quantile(histogram, 0.75), 3);
    EXPECT_DOUBLE_EQ(*quantile(histogram, 1), 4);
}

TEST(Quantile, EndsAtTheLastBound) {
    EXPECT_DOUBLE_EQ(*quantile({{1, 2}, {0, 0, 5}}, 0.5), 2);
    EXPECT_EQ(quantile({{1, 2}, {0, 0, 0}}, 0.5), std::nullopt);
}

}  // namespace
}  // namespace headwater
