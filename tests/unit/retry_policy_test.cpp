#include "core/retry_policy.hpp"

#include <gtest/gtest.h>

#include "core/circuit_breaker.hpp"

namespace headwater {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using namespace std::chrono_literals;

constexpr double kMiddle = 0.5;

TEST(RetryPolicy, FollowsTheDefaultScheduleAndRepeatsItsEnd) {
    const RetryPolicy policy;
    const std::vector<milliseconds> waits{5s, 5min, 30min, 2h, 5h, 10h, 14h, 20h, 24h, 24h, 24h};
    for (int attempts = 1; attempts <= 11; ++attempts) {
        EXPECT_EQ(policy.wait_after(attempts, kMiddle, std::nullopt),
                  waits[static_cast<std::size_t>(attempts - 1)]);
    }
    EXPECT_FALSE(policy.is_exhausted(9));
    EXPECT_TRUE(policy.is_exhausted(10));
}

TEST(RetryPolicy, SpreadsEachWaitByAFifth) {
    const RetryPolicy policy({10s});
    EXPECT_EQ(policy.wait_after(1, 0.0, std::nullopt), 8s);
    EXPECT_LE(policy.wait_after(1, 0.999, std::nullopt), 12s);
    EXPECT_GT(policy.wait_after(1, 0.999, std::nullopt), 11900ms);
}

TEST(RetryPolicy, HonoursTheDestinationsWishWithinADay) {
    const RetryPolicy policy({10s});
    EXPECT_EQ(policy.wait_after(1, 0.0, 2s), 2s);
    EXPECT_EQ(policy.wait_after(1, 0.0, 1000h), 24h);
    EXPECT_EQ(policy.wait_after(1, 0.0, -5s), 0s);
}

TEST(OutageBackoff, DoublesFromHalfASecondToFifteen) {
    OutageBackoff backoff;
    for (const milliseconds wait : {500ms, 1000ms, 2000ms, 4000ms, 8000ms, 15000ms, 15000ms}) {
        EXPECT_EQ(backoff.next(), wait);
    }
    backoff.reset();
    EXPECT_EQ(backoff.next(), 500ms);
}

TEST(CircuitBreaker, TripsAboveSeventyPercentOfAtLeastTen) {
    const std::chrono::steady_clock::time_point start(10000s);
    CircuitBreaker breaker;
    for (int i = 0; i < 9; ++i) breaker.count_failed(start);
    EXPECT_FALSE(breaker.is_tripped());
    breaker.count_failed(start);
    EXPECT_TRUE(breaker.is_tripped());
    for (int i = 0; i < 5; ++i) breaker.count_delivered(start + 100s);
    EXPECT_FALSE(breaker.is_tripped());  // 10 of 15
    breaker.count_delivered(start + 301s);
    EXPECT_FALSE(breaker.is_tripped());
}

TEST(CircuitBreaker, ForgetsAfterFiveMinutes) {
    const std::chrono::steady_clock::time_point start(10000s);
    CircuitBreaker breaker;
    for (int i = 0; i < 100; ++i) breaker.count_failed(start);
    breaker.count_failed(start + 301s);
    EXPECT_FALSE(breaker.is_tripped());
}

}  // namespace
}  // namespace headwater
