#include "core/check_in_desk.hpp"

#include <gtest/gtest.h>

#include <future>

#include "core/monitor_metrics.hpp"

namespace headwater {
namespace {

/// Knows the monitors 1 to 9, and can be held at work.
class FakeWriter final : public CheckInWriter {
  public:
    explicit FakeWriter(std::vector<std::size_t>& batches, std::shared_future<void> gate)
        : batches_(batches), gate_(std::move(gate)) {}

    CheckInsRecorded record(std::span<const CheckIn> check_ins) override {
        batches_.push_back(check_ins.size());
        gate_.wait();
        CheckInsRecorded recorded;
        for (const CheckIn& one : check_ins) {
            if (one.monitor == MonitorId{666}) throw Unavailable("away");
            const bool is_known = one.monitor && one.monitor->value < 10;
            recorded.outcomes.push_back(is_known ? CheckInOutcome::recorded
                                                 : CheckInOutcome::unknown_monitor);
        }
        return recorded;
    }

  private:
    std::vector<std::size_t>& batches_;
    std::shared_future<void> gate_;
};

using Answer = std::expected<CheckInOutcome, Refusal>;

class CheckInDeskTest : public ::testing::Test {
  protected:
    std::future<Answer> submit(std::int64_t monitor) {
        std::promise<Answer> promise;
        auto future = promise.get_future();
        desk_.submit(
            {MonitorId{monitor}, {}, CheckIn::Kind::ok},
            [promise = std::move(promise)](Answer answer) mutable { promise.set_value(std::move(answer)); });
        return future;
    }

    std::promise<void> gate_;
    std::vector<std::size_t> batches_;
    NullMonitorMetrics metrics_;
    CheckInDesk desk_{std::make_unique<FakeWriter>(batches_, gate_.get_future().share()), metrics_};
};

TEST_F(CheckInDeskTest, WhatComesMeanwhileIsOneBatch) {
    std::vector<std::future<Answer>> answers;
    for (int i = 0; i < 100; ++i) answers.push_back(submit(1 + i % 12));
    gate_.set_value();
    for (int i = 0; i < 100; ++i) {
        EXPECT_EQ(answers[static_cast<std::size_t>(i)].get().value(),
                  1 + i % 12 < 10 ? CheckInOutcome::recorded : CheckInOutcome::unknown_monitor);
    }
    desk_.stop();
    EXPECT_LE(batches_.size(), 2U);
}

TEST_F(CheckInDeskTest, NothingIsRecordedWhileTheStoreIsAway) {
    gate_.set_value();
    EXPECT_EQ(submit(666).get().error().kind, Refusal::Kind::unavailable);
    EXPECT_EQ(submit(1).get().value(), CheckInOutcome::recorded);
}

TEST_F(CheckInDeskTest, StoppingRecordsWhatWasAcceptedAndRefusesMore) {
    auto before = submit(1);
    gate_.set_value();
    desk_.stop();
    EXPECT_EQ(before.get().value(), CheckInOutcome::recorded);
    EXPECT_EQ(submit(1).get().error().kind, Refusal::Kind::overloaded);
}

}  // namespace
}  // namespace headwater
