#include "core/feed_waiters.hpp"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace headwater {
namespace {

EventPtr event_of(std::int64_t id, std::string_view type, std::optional<std::string_view> subject = {},
                  bool is_ephemeral = false) {
    return make_event({.id = EventId{id},
                       .created_at = Timestamp{},
                       .type_id = TypeId{1},
                       .type = type,
                       .subject = subject,
                       .meta = "",
                       .payload = "1",
                       .is_ephemeral = is_ephemeral});
}

EventBatch batch(std::vector<EventPtr> events) {
    return std::make_shared<const std::vector<EventPtr>>(std::move(events));
}

FeedWaiters::Interest in(std::string_view types, std::int64_t after = 0) {
    return {*TypeFilter::parse(types), std::nullopt, EventId{after}};
}

/// Counts the ends of a waiter's waits.
struct Wakes {
    explicit Wakes(FeedWaiters::Waiter& waiter) {
        waiter.wait([this] { ++count; });
    }
    int count = 0;
};

TEST(FeedWaiters, WakesThoseWhoseFiltersMatchAndNobodyElse) {
    FeedWaiters waiters;
    const auto wanted = waiters.join(in("a:*"));
    const auto other = waiters.join(in("b:*"));
    const auto all = waiters.join(in(""));
    const Wakes first(*wanted), second(*other), third(*all);
    waiters.on_events(batch({event_of(1, "a:b")}));
    EXPECT_EQ(first.count, 1);
    EXPECT_EQ(second.count, 0);
    EXPECT_EQ(third.count, 1);
}

TEST(FeedWaiters, LooksAtSubjectAndPosition) {
    FeedWaiters waiters;
    const auto subject = waiters.join({TypeFilter{}, "s", EventId{0}});
    const auto later = waiters.join(in("", 5));
    const Wakes first(*subject), second(*later);
    waiters.on_events(batch({event_of(4, "a:b"), event_of(5, "a:b", "t")}));
    EXPECT_EQ(first.count + second.count, 0);
    waiters.on_events(batch({event_of(6, "a:b", "s")}));
    EXPECT_EQ(first.count, 1);
    EXPECT_EQ(second.count, 1);
}

TEST(FeedWaiters, NoFeedShowsEphemeralAndReservedEvents) {
    FeedWaiters waiters;
    const auto waiter = waiters.join(in(""));
    const Wakes wakes(*waiter);
    waiters.on_events(batch({event_of(1, "a:b", {}, true), event_of(2, "headwater:stream-state")}));
    EXPECT_EQ(wakes.count, 0);
}

TEST(FeedWaiters, AnEventBetweenJoiningAndWaitingIsNotLost) {
    FeedWaiters waiters;
    const auto waiter = waiters.join(in(""));
    waiters.on_events(batch({event_of(1, "a:b")}));
    const Wakes wakes(*waiter);
    EXPECT_EQ(wakes.count, 1);
    const Wakes again(*waiter);
    EXPECT_EQ(again.count, 0) << "one event ends one wait";
}

TEST(FeedWaiters, AreBoundedAndLeaveTheirPlace) {
    FeedWaiters waiters(2);
    auto first = waiters.join(in(""));
    const auto second = waiters.join(in(""));
    EXPECT_EQ(waiters.join(in("")), nullptr);
    first.reset();
    EXPECT_NE(waiters.join(in("")), nullptr);
}

TEST(FeedWaiters, StoppingWakesAllAndWhoeverComesLater) {
    FeedWaiters waiters;
    const auto waiter = waiters.join(in("a:b"));
    const Wakes wakes(*waiter);
    waiters.stop();
    EXPECT_EQ(wakes.count, 1);
    EXPECT_TRUE(waiter->is_over());
    const auto late = waiters.join(in("a:b"));
    const Wakes at_once(*late);
    EXPECT_EQ(at_once.count, 1);
}

}  // namespace
}  // namespace headwater
