#include "core/work_pool.hpp"

#include <pthread.h>

#include <array>
#include <atomic>
#include <latch>
#include <thread>

#include <gtest/gtest.h>

namespace headwater {
namespace {

TEST(WorkPool, RunsWorkOnNamedThreads) {
    WorkPool pool("reader-of-the-log", 2, 10);
    std::latch done(1);
    std::array<char, 16> name{};
    ASSERT_TRUE(pool.submit([&] {
        pthread_getname_np(pthread_self(), name.data(), name.size());
        done.count_down();
    }));
    done.wait();
    EXPECT_STREQ(name.data(), "reader-of-the-l");
}

TEST(WorkPool, RefusesWhenItsQueueIsFull) {
    WorkPool pool("pool", 1, 2);
    std::latch started(1);
    std::latch go(1);
    std::atomic<int> ran = 0;
    ASSERT_TRUE(pool.submit([&] {
        started.count_down();
        go.wait();
    }));
    started.wait();
    EXPECT_TRUE(pool.submit([&] { ++ran; }));
    EXPECT_TRUE(pool.submit([&] { ++ran; }));
    EXPECT_FALSE(pool.submit([&] { ++ran; }));
    go.count_down();
    pool.stop();
    EXPECT_EQ(ran, 2);
}

TEST(WorkPool, FinishesWhatItAcceptedAndThenRefuses) {
    std::atomic<int> ran = 0;
    {
        WorkPool pool("pool", 3, 1000);
        for (int i = 0; i < 500; ++i) ASSERT_TRUE(pool.submit([&] { ++ran; }));
        pool.stop();
        EXPECT_EQ(ran, 500);
        EXPECT_FALSE(pool.submit([&] { ++ran; }));
        pool.stop();
    }
    EXPECT_EQ(ran, 500);
}

TEST(WorkPool, LetsWorkSubmitMoreWork) {
    std::latch done(2);
    WorkPool pool("pool", 1, 10);
    ASSERT_TRUE(pool.submit([&] {
        done.count_down();
        EXPECT_TRUE(pool.submit([&] { done.count_down(); }));
    }));
    done.wait();
}

}  // namespace
}  // namespace headwater
