#include "core/attempt_log.hpp"

#include <gtest/gtest.h>

#include <string>

namespace headwater {
namespace {

using Outcome = DeliveryResult::Outcome;
constexpr StreamId kStream{7};

Attempt succeeded(std::int64_t event) {
    return {.event = EventId{event}, .at = {}, .reason = {}, .response = {}};
}
Attempt failed(std::int64_t event, std::size_t bytes = 10) {
    return {.event = EventId{event},
            .attempt = 3,
            .at = {},
            .duration = std::chrono::milliseconds(7),
            .outcome = Outcome::failed,
            .status = 500,
            .reason = "HTTP 500",
            .response = std::string(bytes, 'x')};
}

TEST(AttemptLog, KeepsTheLastHundredOfEachStreamNewestFirst) {
    AttemptLog log;
    for (std::int64_t id = 1; id <= 250; ++id) log.add(kStream, succeeded(id));
    log.add(StreamId{8}, succeeded(1));
    const auto attempts = log.of(kStream);
    ASSERT_EQ(attempts.size(), AttemptLog::kPerStream);
    EXPECT_EQ(attempts.front().event.value, 250);
    EXPECT_EQ(attempts.back().event.value, 151);
    EXPECT_EQ(log.of(StreamId{8}).size(), 1U);
    EXPECT_TRUE(log.of(StreamId{9}).empty());
}

TEST(AttemptLog, KeepsWhatADestinationAnsweredWhenItRefused) {
    AttemptLog log;
    log.add(kStream, failed(5));
    const Attempt attempt = log.of(kStream).front();
    EXPECT_EQ(attempt.attempt, 3);
    EXPECT_EQ(attempt.duration, std::chrono::milliseconds(7));
    EXPECT_EQ(to_string(attempt.outcome), "failed");
    EXPECT_EQ(attempt.status, 500);
    EXPECT_EQ(attempt.reason, "HTTP 500");
    EXPECT_EQ(attempt.response, "xxxxxxxxxx");
}

TEST(AttemptLog, LetsTheOldestAnswersOfAnyStreamGoFirst) {
    AttemptLog log(100'000);
    log.add(kStream, failed(1, 30'000));
    log.add(StreamId{8}, failed(2, 30'000));
    log.add(kStream, failed(3, 30'000));
    log.add(kStream, failed(4, 30'000));
    EXPECT_LE(log.bytes(), 100'000U);
    const auto attempts = log.of(kStream);
    ASSERT_EQ(attempts.size(), 3U);
    EXPECT_FALSE(attempts[0].response.empty());
    EXPECT_FALSE(attempts[1].response.empty());
    EXPECT_TRUE(attempts[2].response.empty());
    EXPECT_EQ(attempts[2].event.value, 1);
    EXPECT_FALSE(log.of(StreamId{8}).front().response.empty());
}

TEST(AttemptLog, StaysWithinItsBoundWhateverFails) {
    AttemptLog log(1 << 20);
    for (std::int64_t id = 1; id <= 20'000; ++id) log.add(StreamId{id % 50}, failed(id, 20'000));
    EXPECT_LE(log.bytes(), std::size_t{1} << 20);
    EXPECT_FALSE(log.of(StreamId{0}).front().response.empty());
}

TEST(AttemptLog, ForgetsAStreamThatIsNoLongerRunHere) {
    AttemptLog log;
    log.add(kStream, failed(1));
    log.forget(kStream);
    EXPECT_TRUE(log.of(kStream).empty());
    EXPECT_EQ(log.bytes(), 0U);
    log.add(kStream, failed(2));
    EXPECT_EQ(log.of(kStream).size(), 1U);
}

}  // namespace
}  // namespace headwater
