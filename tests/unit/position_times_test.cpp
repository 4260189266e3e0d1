#include "core/position_times.hpp"

#include <gtest/gtest.h>

namespace headwater {
namespace {

using namespace std::chrono_literals;

TEST(PositionTimes, AnswersBetweenTwoThatLieClose) {
    PositionTimes times;
    times.add(Position{10}, Timestamp{100s});
    times.add(Position{20}, Timestamp{100s + 900ms});
    EXPECT_EQ(times.find(Position{10}), Timestamp{100s});
    EXPECT_EQ(times.find(Position{15}), Timestamp{100s}) << "never later than what stands behind";
    EXPECT_EQ(times.find(Position{20}), Timestamp{100s + 900ms});
}

TEST(PositionTimes, DoesNotGuess) {
    PositionTimes times;
    times.add(Position{10}, Timestamp{100s});
    times.add(Position{20}, Timestamp{102s});
    EXPECT_FALSE(times.find(Position{9}));
    EXPECT_FALSE(times.find(Position{15})) << "two seconds lie between the known ones";
    EXPECT_FALSE(times.find(Position{21}));
}

TEST(PositionTimes, IsBounded) {
    PositionTimes times;
    for (std::int64_t i = 0; i <= static_cast<std::int64_t>(PositionTimes::kMaxKnown); ++i) {
        times.add(Position{i}, Timestamp{std::chrono::seconds(i)});
    }
    EXPECT_FALSE(times.find(Position{0}));
    EXPECT_TRUE(times.find(Position{static_cast<std::int64_t>(PositionTimes::kMaxKnown)}));
}

}  // namespace
}  // namespace headwater
