#include "core/failed_attempts.hpp"

#include <gtest/gtest.h>

namespace headwater {
namespace {

using namespace std::chrono_literals;
using SteadyTime = FailedAttempts::SteadyTime;

RemoteAddress address(unsigned char last) {
    return RemoteAddress::of_v4({10, 0, 0, last});
}

TEST(FailedAttempts, LetsSomeFailAtOnceThenOneAtATime) {
    FailedAttempts attempts({.at_once = 3, .each = 1000ms});
    const SteadyTime now{1h};
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(attempts.add(address(1), now)) << i;
    EXPECT_EQ(attempts.add(address(1), now), 1000ms);
    EXPECT_EQ(attempts.add(address(1), now), 1000ms) << "one that was kept waiting does not count";
    EXPECT_FALSE(attempts.add(address(2), now)) << "a neighbour";
    EXPECT_EQ(attempts.add(address(1), now + 400ms), 600ms);
    EXPECT_FALSE(attempts.add(address(1), now + 1000ms));
    EXPECT_TRUE(attempts.add(address(1), now + 1000ms));
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(attempts.add(address(1), now + 1min)) << i;
}

TEST(FailedAttempts, ForgetsTheAddressThatFailedLongestAgo) {
    FailedAttempts attempts({.at_once = 1, .each = 1000ms, .addresses = 2});
    const SteadyTime now{1h};
    EXPECT_FALSE(attempts.add(address(1), now));
    EXPECT_FALSE(attempts.add(address(2), now));
    EXPECT_TRUE(attempts.add(address(1), now));
    EXPECT_FALSE(attempts.add(address(3), now));
    EXPECT_TRUE(attempts.add(address(1), now)) << "still known: it failed later than 2";
    EXPECT_FALSE(attempts.add(address(2), now));
}

}  // namespace
}  // namespace headwater
