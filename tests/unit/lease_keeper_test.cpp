#include "core/lease_keeper.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/eventually.hpp"
#include "tests/support/manual_clock.hpp"

namespace headwater {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using testing::eventually;
using testing::ManualClock;

constexpr seconds kPatience{20};

/// Answers renewals as it is told, and takes down what is asked of it.
class ScriptedLeases final : public LeaseStore {
  public:
    explicit ScriptedLeases(ManualClock& clock) : clock_(clock) {}

    LeaseRenewal renew(std::int64_t, const std::string&) override {
        clock_.pass(slowness.load());
        const std::lock_guard lock(mutex);
        if (is_away) throw Unavailable("away");
        ++renewals;
        return std::exchange(next, {});
    }
    void release(std::int64_t, std::span<const StreamProgress> streams) override {
        const std::lock_guard lock(mutex);
        ++release_calls;
        if (is_release_away) throw Unavailable("away");
        for (const StreamProgress& stream : streams) released.push_back(stream.stream.value);
    }
    void leave(std::int64_t process) override {
        const std::lock_guard lock(mutex);
        left = process;
    }
    void end_all() override {}

    std::atomic<seconds> slowness{seconds(0)};
    std::mutex mutex;
    bool is_away = false;  // what follows is guarded by mutex
    bool is_release_away = false;
    int renewals = 0;
    int release_calls = 0;
    LeaseRenewal next;
    std::vector<std::int64_t> released;
    std::int64_t left = 0;

  private:
    ManualClock& clock_;
};

class LeaseKeeperTest : public ::testing::Test {
  protected:
    template <class Function>
    auto with_lock(Function function) {
        const std::lock_guard lock(store_.mutex);
        return function();
    }
    bool has_news(std::size_t count) {
        return eventually(kPatience, [&] { return with_lock([&] { return news_.size() >= count; }); });
    }

    ManualClock clock_;
    ScriptedLeases store_{clock_};
    std::vector<LeaseNews> news_;  // guarded by store_.mutex, as is released_
    std::vector<StreamId> released_;
    LeaseKeeper keeper_{store_,
                        clock_,
                        7,
                        "here",
                        {.on_news =
                             [this](LeaseNews news) {
                                 const std::lock_guard lock(store_.mutex);
                                 news_.push_back(std::move(news));
                             },
                         .on_released =
                             [this](std::vector<StreamId> streams) {
                                 const std::lock_guard lock(store_.mutex);
                                 released_.insert(released_.end(), streams.begin(), streams.end());
                             }}};
};

TEST_F(LeaseKeeperTest, CountsTheLeaseFromBeforeTheCallHoweverLongItTakes) {
    store_.slowness = seconds(4);
    const auto before = clock_.steady_now();
    keeper_.start();
    ASSERT_TRUE(has_news(1));
    EXPECT_EQ(with_lock([&] { return news_[0].valid_until; }), before + LeaseStore::kLease);
}

TEST_F(LeaseKeeperTest, BringsWhatWasClaimedAndRenewsAtOnceWhenItIsWoken) {
    keeper_.start();
    ASSERT_TRUE(has_news(1));
    with_lock([&] { store_.next.claimed.push_back({.id = StreamId{3}, .epoch = 2, .cursor = {}}); });
    const auto begin = std::chrono::steady_clock::now();
    keeper_.wake();
    ASSERT_TRUE(has_news(2));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, LeaseStore::kRenewal);
    EXPECT_EQ(with_lock([&] { return news_[1].renewal.claimed.at(0).id; }), StreamId{3});
}

TEST_F(LeaseKeeperTest, SaysNothingWhileTheStoreIsAwayAndTriesAgain) {
    with_lock([&] { store_.is_away = true; });
    keeper_.start();
    keeper_.wake();
    EXPECT_TRUE(with_lock([&] { return news_.empty(); }));
    with_lock([&] { store_.is_away = false; });
    EXPECT_TRUE(has_news(1));
}

TEST_F(LeaseKeeperTest, ReleasesUntilItHasWorked) {
    with_lock([&] { store_.is_release_away = true; });
    keeper_.start();
    keeper_.release({.stream = StreamId{4}, .cursor = {}});
    ASSERT_TRUE(eventually(kPatience, [&] { return with_lock([&] { return store_.release_calls > 1; }); }));
    EXPECT_TRUE(with_lock([&] { return released_.empty(); }));
    with_lock([&] { store_.is_release_away = false; });
    ASSERT_TRUE(eventually(kPatience, [&] { return with_lock([&] { return !released_.empty(); }); }));
    EXPECT_THAT(with_lock([&] { return store_.released; }), ElementsAre(4));
}

TEST_F(LeaseKeeperTest, ForgetsToReleaseWhatItHasLost) {
    with_lock([&] {
        store_.is_release_away = true;
        store_.next.is_lost = true;
    });
    keeper_.release({.stream = StreamId{4}, .cursor = {}});
    keeper_.start();
    ASSERT_TRUE(has_news(1));
    with_lock([&] { store_.is_release_away = false; });
    keeper_.wake();
    ASSERT_TRUE(has_news(2));
    EXPECT_TRUE(with_lock([&] { return store_.released.empty(); }));
}

TEST_F(LeaseKeeperTest, LeavesAtTheEnd) {
    keeper_.start();
    keeper_.stop();
    EXPECT_EQ(store_.left, 7);
}

}  // namespace
}  // namespace headwater
