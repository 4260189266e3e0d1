#include "core/byte_budget.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <thread>
#include <vector>

namespace headwater {
namespace {

TEST(ByteBudget, GivesWhatIsLeftAndTakesBackWhatIsNotNeeded) {
    ByteBudget budget(100);
    ByteBudget::Share first(budget);
    std::optional<ByteBudget::Share> second(budget);
    EXPECT_TRUE(first.resize(60));
    EXPECT_TRUE(second->resize(40));
    EXPECT_FALSE(first.resize(61));
    EXPECT_EQ(budget.taken(), 100U);
    EXPECT_TRUE(first.resize(50));
    EXPECT_TRUE(second->resize(50));
    second.reset();
    EXPECT_EQ(budget.taken(), 50U);
    first.clear();
    EXPECT_EQ(budget.taken(), 0U);
}

TEST(ByteBudget, LetsWhoeverIsAloneHaveMore) {
    ByteBudget budget(100);
    ByteBudget::Share large(budget);
    ByteBudget::Share small(budget);
    EXPECT_TRUE(large.resize(1'000));
    EXPECT_FALSE(small.resize(1));
    EXPECT_FALSE(ByteBudget::Share(budget).resize(1));
    EXPECT_TRUE(large.resize(99));
    EXPECT_TRUE(small.resize(1));
    EXPECT_FALSE(large.resize(1'000)) << "it is not alone";
}

TEST(ByteBudget, ComesOutEvenWhenManyShareItAtOnce) {
    ByteBudget budget(1'000);
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (int round = 0; round < 10'000; ++round) {
                ByteBudget::Share share(budget);
                (void)share.resize(300);
                (void)share.resize(600);
            }
        });
    }
    threads.clear();
    EXPECT_EQ(budget.taken(), 0U);
}

}  // namespace
}  // namespace headwater
