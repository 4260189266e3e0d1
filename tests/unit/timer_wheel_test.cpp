#include "ws/timer_wheel.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace headwater::ws {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

const TimerWheel::Time kStart{};

std::vector<std::uint64_t> ids_due(TimerWheel& wheel, TimerWheel::Time now) {
    std::vector<std::uint64_t> ids;
    for (const auto& entry : wheel.take_due(now)) ids.push_back(entry.id);
    return ids;
}

TEST(TimerWheel, GivesEachEntryInTheTickAfterItIsDue) {
    TimerWheel wheel(milliseconds(10), 8, kStart);
    wheel.add({1, kStart + milliseconds(25)});
    wheel.add({2, kStart});
    EXPECT_THAT(ids_due(wheel, kStart + milliseconds(10)), ElementsAre(2));
    EXPECT_THAT(ids_due(wheel, kStart + milliseconds(25)), IsEmpty());
    EXPECT_THAT(ids_due(wheel, kStart + milliseconds(30)), ElementsAre(1));
    EXPECT_THAT(ids_due(wheel, kStart + milliseconds(200)), IsEmpty());
}

TEST(TimerWheel, GivesEntriesBeyondItsReachWhenTheyAreDue) {
    TimerWheel wheel(milliseconds(10), 8, kStart);
    wheel.add({1, kStart + milliseconds(1'000)});
    for (int at = 10; at < 1'000; at += 10) EXPECT_THAT(ids_due(wheel, kStart + milliseconds(at)), IsEmpty());
    EXPECT_THAT(ids_due(wheel, kStart + milliseconds(1'010)), ElementsAre(1));
}

TEST(TimerWheel, LosesNothingWhenItIsAskedLate) {
    TimerWheel wheel(milliseconds(10), 8, kStart);
    for (std::uint64_t id = 0; id < 7; ++id)
        wheel.add({id, kStart + milliseconds(10 * static_cast<int>(id))});
    EXPECT_THAT(ids_due(wheel, kStart + milliseconds(1000)), UnorderedElementsAre(0, 1, 2, 3, 4, 5, 6));
    wheel.add({9, kStart});
    EXPECT_THAT(ids_due(wheel, kStart + milliseconds(1010)), ElementsAre(9));
}

}  // namespace
}  // namespace headwater::ws
