#include "ws/timer_wheel.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headwater::ws {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

const TimerWheel::Time kStart{};

TEST(TimerWheel, GivesEachEntryInTheTickAfterItIsDue) {
    TimerWheel wheel(milliseconds(10), 8, kStart);
    wheel.add(1, kStart + milliseconds(25));
    wheel.add(2, kStart);
    EXPECT_THAT(wheel.take_due(kStart + milliseconds(10)), ElementsAre(2));
    EXPECT_THAT(wheel.take_due(kStart + milliseconds(25)), IsEmpty());
    EXPECT_THAT(wheel.take_due(kStart + milliseconds(30)), ElementsAre(1));
    EXPECT_THAT(wheel.take_due(kStart + milliseconds(200)), IsEmpty());
}

TEST(TimerWheel, GivesEntriesBeyondItsReachEarly) {
    TimerWheel wheel(milliseconds(10), 8, kStart);
    wheel.add(1, kStart + milliseconds(10'000));
    EXPECT_THAT(wheel.take_due(kStart + milliseconds(60)), IsEmpty());
    EXPECT_THAT(wheel.take_due(kStart + milliseconds(70)), ElementsAre(1));
}

TEST(TimerWheel, LosesNothingWhenItIsAskedLate) {
    TimerWheel wheel(milliseconds(10), 8, kStart);
    for (std::uint64_t id = 0; id < 7; ++id) wheel.add(id, kStart + milliseconds(10 * static_cast<int>(id)));
    EXPECT_THAT(wheel.take_due(kStart + milliseconds(1000)), UnorderedElementsAre(0, 1, 2, 3, 4, 5, 6));
    wheel.add(9, kStart);
    EXPECT_THAT(wheel.take_due(kStart + milliseconds(1010)), ElementsAre(9));
}

}  // namespace
}  // namespace headwater::ws
