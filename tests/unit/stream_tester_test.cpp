#include "core/stream_tester.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>

#include "tests/support/eventually.hpp"
#include "tests/support/memory_streams.hpp"

namespace headwater::testing {
namespace {

using std::chrono::seconds;
using Result = DeliveryResult::Outcome;

class StreamTesterTest : public ::testing::Test {
  protected:
    StreamTesterTest() {
        auto memory = std::make_unique<MemorySinks>();
        sinks_ = memory.get();
        types_.push_back(std::move(memory));
        stream_.id = StreamId{7};
        stream_.definition.name = "mine \"own\"";
        stream_.definition.source = "memory";
        stream_.definition.destination = "here";
    }
    ~StreamTesterTest() override { pool_.stop(); }

    void test() {
        tester_.test(stream_, make_test_event(stream_, Timestamp{}), [this](StreamTester::Outcome outcome) {
            const std::lock_guard lock(mutex_);
            outcomes_.push_back(std::move(outcome));
        });
    }
    std::vector<StreamTester::Outcome> outcomes() {
        const std::lock_guard lock(mutex_);
        return outcomes_;
    }
    bool wait_for(std::size_t count) {
        return eventually(seconds(10), [&] { return outcomes().size() >= count; });
    }

    SinkTypes types_;
    MemorySinks* sinks_ = nullptr;
    Stream stream_;
    std::mutex mutex_;
    std::vector<StreamTester::Outcome> outcomes_;  // guarded by mutex_
    WorkPool pool_{"test", 2, 1000};
    StreamTester tester_{types_, pool_};
};

TEST_F(StreamTesterTest, SaysWhatBecameOfTheEventAndClosesTheSink) {
    test();
    ASSERT_TRUE(wait_for(1));
    EXPECT_EQ(outcomes()[0]->outcome, Result::delivered);
    EXPECT_THAT(sinks_->taken("here"), ::testing::ElementsAre(0));
    sinks_->set_way(MemorySinks::Way::fail);
    test();
    ASSERT_TRUE(wait_for(2));
    EXPECT_EQ(outcomes()[1]->outcome, Result::failed);
    EXPECT_TRUE(eventually(seconds(10), [&] { return sinks_->open_sinks() == 0; }));
}

TEST_F(StreamTesterTest, TheEventIsNoneOfTheLogs) {
    const EventPtr event = make_test_event(stream_, Timestamp(seconds(5)));
    EXPECT_EQ(event->type, "headwater:test");
    EXPECT_EQ(event->payload(), R"({"test":true,"stream":"mine \"own\""})");
    EXPECT_THAT(event->json, ::testing::StartsWith(R"({"id":"0",)"));
}

TEST_F(StreamTesterTest, DestinationsThatHangHoldNoThread) {
    sinks_->set_way(MemorySinks::Way::hold);
    for (int i = 0; i < 10; ++i) test();
    ASSERT_TRUE(sinks_->wait_for_held(10));
    EXPECT_TRUE(outcomes().empty());
    sinks_->release();
    ASSERT_TRUE(wait_for(10));
    for (const auto& outcome : outcomes()) EXPECT_EQ(outcome->outcome, Result::delivered);
}

TEST_F(StreamTesterTest, RefusesMoreThanItMayHaveUnderWay) {
    sinks_->set_way(MemorySinks::Way::hold);
    for (std::size_t i = 0; i < StreamTester::kMaxRunning; ++i) test();
    ASSERT_TRUE(sinks_->wait_for_held(StreamTester::kMaxRunning));
    test();
    ASSERT_TRUE(wait_for(1));
    EXPECT_EQ(outcomes()[0].error().kind, Refusal::Kind::overloaded);
    sinks_->release();
    ASSERT_TRUE(wait_for(1 + StreamTester::kMaxRunning));
    EXPECT_TRUE(eventually(seconds(10), [&] { return sinks_->open_sinks() == 0; }));
    test();
    ASSERT_TRUE(wait_for(2 + StreamTester::kMaxRunning));
    EXPECT_EQ(outcomes().back()->outcome, Result::delivered);
}

TEST_F(StreamTesterTest, RefusesWhenItIsStoppedAndWhenTheKindIsUnknown) {
    Stream unknown = stream_;
    unknown.definition.source = "pigeon";
    std::swap(unknown, stream_);
    test();
    ASSERT_TRUE(wait_for(1));
    EXPECT_EQ(outcomes()[0].error().kind, Refusal::Kind::conflict);
    std::swap(unknown, stream_);
    tester_.stop();
    test();
    ASSERT_TRUE(wait_for(2));
    EXPECT_FALSE(outcomes()[1]);
}

}  // namespace
}  // namespace headwater::testing
