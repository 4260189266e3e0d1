#include "core/log_tail.hpp"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

#include "core/appender.hpp"
#include "tests/support/memory_log.hpp"

namespace headwater {
namespace {

using testing::make_new_event;
using testing::make_type;
using testing::MemoryLog;

/// Collects what the tail hands on.
class LogTailTest : public ::testing::Test {
  protected:
    LogTailTest() {
        tail_.add_listener([this](const EventBatch& events, Position) {
            const std::lock_guard lock(mutex_);
            for (const EventPtr& event : *events) seen_.push_back(event->id.value);
            changed_.notify_all();
        });
    }
    ~LogTailTest() override { tail_.stop(); }

    LogTail::Commit append(std::int64_t process, int count) {
        LogTail::Commit commit;
        std::vector<const NewEvent*> pointers;
        for (int i = 0; i < count; ++i) commit.events.push_back(make_new_event(type_, "1"));
        for (const NewEvent& event : commit.events) pointers.push_back(&event);
        commit.result = log_.append({process, ++number_, pointers});
        return commit;
    }

    std::vector<std::int64_t> wait_for(std::size_t count) {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, std::chrono::seconds(10), [&] { return seen_.size() >= count; });
        return seen_;
    }

    EventTypePtr type_ = make_type("a");
    MemoryLog log_;
    LogTail tail_{log_};
    std::int64_t number_ = 0;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::int64_t> seen_;
};

TEST_F(LogTailTest, HandsOnThisNodesCommitsInOrder) {
    tail_.start();
    for (int i = 0; i < 10; ++i) tail_.committed(append(1, 2));
    std::vector<std::int64_t> expected(20);
    for (int i = 0; i < 20; ++i) expected[static_cast<std::size_t>(i)] = i + 1;
    EXPECT_EQ(wait_for(20), expected);
}

TEST_F(LogTailTest, ReadsWhatAnotherNodeCommittedInBetween) {
    tail_.start();
    tail_.committed(append(1, 1));
    append(2, 3);
    tail_.committed(append(1, 1));
    EXPECT_EQ(wait_for(5), (std::vector<std::int64_t>{1, 2, 3, 4, 5}));
}

TEST_F(LogTailTest, ReadsAnotherNodesEventsWhenWoken) {
    tail_.start();
    append(2, 3);
    tail_.wake();
    EXPECT_EQ(wait_for(3), (std::vector<std::int64_t>{1, 2, 3}));
}

TEST_F(LogTailTest, HandsNothingOnTwiceWhenItReadBeforeTheCommitArrived) {
    tail_.start();
    LogTail::Commit late = append(1, 2);
    tail_.wake();
    EXPECT_EQ(wait_for(2).size(), 2u);
    tail_.committed(std::move(late));
    tail_.committed(append(1, 1));
    EXPECT_EQ(wait_for(3), (std::vector<std::int64_t>{1, 2, 3}));
}

TEST_F(LogTailTest, BeginsAtTheHead) {
    append(1, 5);
    tail_.start();
    EXPECT_EQ(tail_.position(), Position{5});
    tail_.committed(append(1, 1));
    EXPECT_EQ(wait_for(1), (std::vector<std::int64_t>{6}));
}

TEST_F(LogTailTest, ReadsFromTheLogWhatDidNotFitIntoItsQueue) {
    LogTail tail(log_);
    std::vector<std::int64_t> seen;
    std::mutex mutex;
    std::condition_variable changed;
    tail.add_listener([&](const EventBatch& events, Position) {
        const std::lock_guard lock(mutex);
        for (const EventPtr& event : *events) seen.push_back(event->id.value);
        changed.notify_all();
    });
    tail.start();
    LogTail::Commit more = append(1, static_cast<int>(LogTail::kMaxWaiting) + 1);
    const std::size_t expected = more.events.size();
    tail.committed(std::move(more));
    std::unique_lock lock(mutex);
    EXPECT_TRUE(changed.wait_for(lock, std::chrono::seconds(10), [&] { return seen.size() == expected; }));
    EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
}

}  // namespace
}  // namespace headwater
