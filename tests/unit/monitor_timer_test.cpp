#include "core/monitor_timer.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <deque>

#include "core/monitor_metrics.hpp"
#include "tests/support/eventually.hpp"

namespace headwater {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// Answers with the rounds that it was given, then with an idle one.
class FakeLate final : public LateMonitors {
  public:
    FakeLate(std::deque<LateRound> rounds, std::atomic<int>& turns)
        : rounds_(std::move(rounds)), turns_(turns) {}

    LateRound turn() override {
        ++turns_;
        if (rounds_.empty()) return {};
        LateRound round = std::move(rounds_.front());
        rounds_.pop_front();
        if (round.next == microseconds(-1)) throw Unavailable("away");
        return round;
    }

  private:
    std::deque<LateRound> rounds_;
    std::atomic<int>& turns_;
};

class CountingMetrics final : public NullMonitorMetrics {
  public:
    std::atomic<int> deaths = 0;
    void monitor_died(double) override { ++deaths; }
};

class MonitorTimerTest : public ::testing::Test {
  protected:
    std::unique_ptr<MonitorTimer> start(std::deque<LateRound> rounds, MonitorTimer::Options options) {
        return std::make_unique<MonitorTimer>(std::make_unique<FakeLate>(std::move(rounds), turns_), metrics_,
                                              options);
    }
    [[nodiscard]] bool turns_reach(int count) {
        return testing::eventually(seconds(10), [&] { return turns_ >= count; });
    }

    std::atomic<int> turns_ = 0;
    CountingMetrics metrics_;
};

TEST_F(MonitorTimerTest, GoesOnAtOnceWhileThereIsMore) {
    const LateRound full{.delays = {0.1, 0.2}, .has_more = true, .next = {}};
    const auto timer =
        start({full, full, full}, {.longest_sleep = hours(1), .shortest_sleep = milliseconds(1)});
    EXPECT_TRUE(turns_reach(4));
    EXPECT_EQ(metrics_.deaths, 6);
}

TEST_F(MonitorTimerTest, SleepsUntilTheNextIsDue) {
    const LateRound soon{.delays = {}, .has_more = false, .next = milliseconds(30)};
    const auto begin = std::chrono::steady_clock::now();
    const auto timer = start({soon}, {.longest_sleep = hours(1), .shortest_sleep = milliseconds(1)});
    EXPECT_TRUE(turns_reach(2));
    EXPECT_GE(std::chrono::steady_clock::now() - begin, milliseconds(30));
}

TEST_F(MonitorTimerTest, NeverSleepsLongerThanItMay) {
    const LateRound late{.delays = {}, .has_more = false, .next = hours(5)};
    const auto timer =
        start({late, {}}, {.longest_sleep = milliseconds(5), .shortest_sleep = milliseconds(1)});
    EXPECT_TRUE(turns_reach(5)) << "another node may have moved the next moment forward";
}

TEST_F(MonitorTimerTest, GoesOnWhenTheStoreComesBack) {
    const LateRound away{.delays = {}, .has_more = false, .next = microseconds(-1)};
    const LateRound one{.delays = {0.5}, .has_more = false, .next = {}};
    const auto timer =
        start({away, away, one}, {.longest_sleep = milliseconds(2), .shortest_sleep = milliseconds(1)});
    EXPECT_TRUE(turns_reach(4));
    EXPECT_EQ(metrics_.deaths, 1);
}

TEST_F(MonitorTimerTest, StopsAtOnce) {
    const auto timer = start({}, {.longest_sleep = hours(1), .shortest_sleep = milliseconds(1)});
    EXPECT_TRUE(turns_reach(1));
    const auto begin = std::chrono::steady_clock::now();
    timer->stop();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds(5));
}

}  // namespace
}  // namespace headwater
