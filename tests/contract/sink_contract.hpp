#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/sink.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/settlements.hpp"

namespace headwater::testing {

/// A kind of sink with a real destination that a test can look into, break and mend. Everything works when it
/// is made.
class SinkUnderTest {
  public:
    virtual ~SinkUnderTest() = default;
    virtual const SinkType& type() = 0;
    /// The stream object of a destination that this object watches.
    virtual std::string stream_json() = 0;
    /// A stream object with two mistakes, and the pointers to them.
    virtual std::pair<std::string, std::set<std::string>> mistaken_json() = 0;
    /// The bodies that have arrived, in order; all of them, each time.
    virtual std::vector<std::string> received() = 0;
    /// The destination cannot be reached, and can be again.
    virtual void take_away() = 0;
    virtual void bring_back() = 0;
    /// The destination answers each event with a refusal, and takes events again.
    virtual void refuse() = 0;
    virtual void accept() = 0;
    /// The destination takes what comes and answers nothing more.
    virtual void fall_silent() = 0;
};

/// What every sink must do (core/sink.hpp); the tests stand in sink_contract.cpp. Instantiate with functions
/// that make one.
class SinkContract : public ::testing::TestWithParam<std::function<std::unique_ptr<SinkUnderTest>()>> {
  protected:
    using Outcome = DeliveryResult::Outcome;
    static constexpr std::chrono::seconds kPatience{30};

    void SetUp() override {
        tested_ = GetParam()();
        const auto parsed = tested_->type().parse(tested_->stream_json(), std::nullopt);
        ASSERT_TRUE(parsed) << parsed.error().front().pointer << " " << parsed.error().front().detail;
        destination_ = parsed->json;
        sink_ = open();
        ASSERT_NE(sink_, nullptr);
    }
    /// Each one is a stream of its own.
    std::unique_ptr<Sink> open() { return tested_->type().open(StreamId{++opened_}, destination_); }

    /// What arrived, without repeats, in the order of its first arrival.
    std::vector<std::string> received_once() {
        std::vector<std::string> once;
        for (std::string& body : tested_->received()) {
            if (std::ranges::find(once, body) == once.end()) once.push_back(std::move(body));
        }
        return once;
    }

    Settlements settlements_;
    std::unique_ptr<SinkUnderTest> tested_;
    std::string destination_;
    std::int64_t opened_ = 0;
    std::unique_ptr<Sink> sink_;
};

}  // namespace headwater::testing
