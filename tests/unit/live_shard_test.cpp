#include "core/live_shard.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/errors.hpp"
#include "tests/support/live_fixture.hpp"

namespace headwater::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

LiveFixture::Bounds small_memory() {
    return {
        .broadcast = {.recent = {.bytes = 1 << 20, .events = 2}, .waiting = {.bytes = 1 << 20, .events = 4}},
        .history = {.page_events = 2}};
}

TEST(LiveShard, DeliversOnlyWhatTheFilterMatches) {
    LiveFixture f({});
    const auto exact = f.subscribe("a:b", {});
    const auto wildcard = f.subscribe("a:*", {});
    const auto everything = f.subscribe("", {});
    f.log.add("a:b");
    f.log.add("a:c");
    f.log.add("x");
    f.log.add("monitor:dead");
    f.publish();
    f.run_all();
    EXPECT_THAT(exact->ids, ElementsAre(1));
    EXPECT_THAT(wildcard->ids, ElementsAre(1, 2));
    EXPECT_THAT(everything->ids, ElementsAre(1, 2, 3));
}

TEST(LiveShard, NarrowsBySubject) {
    LiveFixture f({});
    const auto one = f.subscribe("a", {}, 0, "s1");
    const auto other = f.subscribe("a", {}, 0, "s2");
    f.log.add("a", false, "s1");
    f.log.add("a", false, "s2");
    f.log.add("a");
    f.publish();
    f.run_all();
    EXPECT_THAT(one->ids, ElementsAre(1));
    EXPECT_THAT(other->ids, ElementsAre(2));
}

TEST(LiveShard, BuildsAChunkOnceForAllWhoGetTheSameEvents) {
    LiveFixture f({});
    const auto one = f.subscribe("a", {});
    const auto same = f.subscribe("a", {});
    const auto wider = f.subscribe("*", {});
    f.log.add("a");
    f.log.add("a");
    f.publish();
    f.run_all();
    ASSERT_EQ(one->chunks.size(), 1);
    EXPECT_EQ(one->chunks[0], same->chunks[0]);
    EXPECT_EQ(one->chunks[0], wider->chunks[0]);
}

TEST(LiveShard, IsNotWokenWithoutSubscribers) {
    LiveFixture f({});
    f.log.add("a");
    f.publish();
    EXPECT_EQ(f.executors[0].size(), 0);
    auto subscriber = f.subscribe("a", {});
    f.log.add("a");
    f.log.add("a");
    f.publish(1);
    f.publish(1);
    EXPECT_EQ(f.executors[0].size(), 1) << "one post for all that waits";
    subscriber.reset();
    f.run_all();
    f.log.add("a");
    f.publish();
    EXPECT_EQ(f.executors[0].size(), 0);
}

TEST(LiveShard, WithoutSinceBeginsAtWhatWasPublishedLast) {
    LiveFixture f({});
    const auto before = f.subscribe("a", {});
    f.log.add("a");
    f.publish();
    const auto after = f.subscribe("a", {});  // the shard has not handed the event on yet
    f.log.add("a");
    f.publish();
    f.run_all();
    EXPECT_THAT(before->ids, ElementsAre(1, 2));
    EXPECT_THAT(after->ids, ElementsAre(2));
    EXPECT_EQ(after->started->cursor, Position{1});
    EXPECT_FALSE(after->started->is_recovered);
    EXPECT_FALSE(after->started->has_gap);
}

TEST(LiveShard, ResumesFromMemoryWithoutAQuery) {
    LiveFixture f({});
    for (int i = 0; i < 5; ++i) f.log.add("a");
    f.publish();
    const auto subscriber = f.subscribe("a", 2);
    f.log.add("a");
    f.publish();
    f.run_all();
    EXPECT_THAT(subscriber->ids, ElementsAre(3, 4, 5, 6));
    EXPECT_TRUE(subscriber->started->is_recovered);
    EXPECT_EQ(f.log.reads, 0);
}

TEST(LiveShard, ReadsOlderHistoryFromTheLogAtThePaceOfTheSocket) {
    LiveFixture f(small_memory());
    for (int i = 0; i < 8; ++i) f.log.add("a");
    f.publish(1);
    while (f.published < 8) f.publish(1);
    const auto subscriber = f.subscribe("a", 0);
    f.run_all();
    EXPECT_THAT(subscriber->ids, ElementsAre(1, 2)) << "a page, then it waits";
    subscriber->drain();
    f.run_all();
    EXPECT_THAT(subscriber->ids, ElementsAre(1, 2, 3, 4));
    subscriber->drain_always();
    f.run_all();
    EXPECT_THAT(subscriber->ids, ElementsAre(1, 2, 3, 4, 5, 6, 7, 8));
    f.log.add("a");
    f.publish();
    f.run_all();
    EXPECT_EQ(subscriber->ids.back(), 9);
    EXPECT_TRUE(subscriber->subscription->is_live());
}

TEST(LiveShard, SharesReadsBetweenThoseWhoseRangesOverlap) {
    auto bounds = small_memory();
    bounds.history.page_events = 500;
    LiveFixture f(bounds);
    for (int i = 0; i < 100; ++i) {
        f.log.add("a");
        f.publish();
    }
    std::vector<std::unique_ptr<RecordingSubscriber>> subscribers;
    for (int i = 0; i < 50; ++i) {
        subscribers.push_back(f.subscribe("a", i));
        subscribers.back()->drain_always();
    }
    f.run_all();
    for (int i = 0; i < 50; ++i) EXPECT_EQ(subscribers[static_cast<std::size_t>(i)]->ids.size(), 100 - i);
    EXPECT_EQ(f.log.reads, 1);
}

TEST(LiveShard, AsksTheLogLittleForAnyNumberWhoWereCutOffAtAboutTheSameTime) {
    auto bounds = small_memory();
    bounds.history.page_events = 500;
    LiveFixture f(bounds);
    f.log.step = std::chrono::milliseconds(5);
    for (int i = 0; i < 201; ++i) {
        f.log.add("a");
        f.publish();
    }
    std::vector<std::unique_ptr<RecordingSubscriber>> subscribers;
    for (int i = 0; i < 1000; ++i) {
        subscribers.push_back(f.subscribe("a", 1 + (i * 37) % 100));
        subscribers.back()->drain_always();
    }
    f.run_all();
    for (std::size_t i = 0; i < subscribers.size(); ++i) {
        const std::int64_t since = 1 + static_cast<std::int64_t>(i) * 37 % 100;
        ASSERT_EQ(subscribers[i]->ids.size(), static_cast<std::size_t>(201 - since));
        EXPECT_EQ(subscribers[i]->ids.front(), since + 1);
        EXPECT_TRUE(subscribers[i]->started->is_recovered);
    }
    EXPECT_LT(f.log.lookups + f.log.reads, 30) << "not one query for each of a thousand";
}

TEST(LiveShard, DoesNotReplayEphemeralEvents) {
    LiveFixture f({});
    f.log.add("a");
    f.log.add("a", true);
    f.publish();
    const auto subscriber = f.subscribe("a", 0);
    f.log.add("a", true);
    f.publish();
    f.run_all();
    EXPECT_THAT(subscriber->ids, ElementsAre(1, 3));
}

TEST(LiveShard, SaysThatThereIsAGapWhenSinceLiesBeforeTheHorizon) {
    LiveFixture f({});
    for (int i = 0; i < 10; ++i) f.log.add("a");  // one a second
    f.publish();
    f.horizon.complete_from = Timestamp(std::chrono::seconds(5));
    const auto old = f.subscribe("a", 3);
    const auto recent = f.subscribe("a", 5);
    const auto beginning = f.subscribe("a", 0);
    EXPECT_TRUE(old->started->has_gap);
    EXPECT_FALSE(old->started->is_recovered);
    EXPECT_EQ(old->ids.size(), 7) << "what is retained comes all the same";
    EXPECT_FALSE(recent->started->has_gap);
    EXPECT_FALSE(beginning->started->has_gap) << "the beginning is the oldest retained event";
}

TEST(LiveShard, TreatsASinceAboveTheHeadAsTheHeadAndSaysSo) {
    LiveFixture f({});
    f.log.add("a");
    f.publish();
    const auto subscriber = f.subscribe("a", 1000);
    f.run_all();
    EXPECT_EQ(subscriber->started->cursor, Position{1});
    EXPECT_TRUE(subscriber->started->has_gap);
    f.log.add("a");
    f.publish();
    f.run_all();
    EXPECT_THAT(subscriber->ids, ElementsAre(2));
}

TEST(LiveShard, TakesASinceThatAnotherNodeHasGivenBeforeItWasSeenHere) {
    LiveFixture f({});
    for (int i = 0; i < 3; ++i) f.log.add("a");
    f.publish(1);
    const auto subscriber = f.subscribe("a", 2);
    f.run_all();
    EXPECT_TRUE(subscriber->started->is_recovered);
    f.publish();
    f.run_all();
    EXPECT_THAT(subscriber->ids, ElementsAre(3));
}

TEST(LiveShard, TellsTheSubscriberWhenTheLogIsAway) {
    LiveFixture f(small_memory());
    for (int i = 0; i < 8; ++i) {
        f.log.add("a");
        f.publish();
    }
    f.log.is_away = true;
    const auto subscriber = f.subscribe("a", 1);
    f.run_all();
    EXPECT_TRUE(subscriber->has_failed);
    f.log.is_away = false;
    f.is_pool_full = true;
    const auto refused = f.subscribe("a", 1);
    f.run_all();
    EXPECT_TRUE(refused->has_failed);
}

TEST(LiveShard, ChangesTheFilterOfALiveSubscriber) {
    LiveFixture f({});
    const auto subscriber = f.subscribe("a", {});
    ASSERT_TRUE(subscriber->subscription->subscribe({"b:*"}));
    f.log.add("b:1");
    f.publish();
    f.run_all();
    ASSERT_TRUE(subscriber->subscription->unsubscribe({"a"}));
    f.log.add("a");
    f.log.add("b:2");
    f.publish();
    f.run_all();
    EXPECT_THAT(subscriber->ids, ElementsAre(1, 3));
    EXPECT_FALSE(subscriber->subscription->unsubscribe({"never:named"}));
    EXPECT_FALSE(subscriber->subscription->subscribe({"bad::filter"}));
    ASSERT_TRUE(subscriber->subscription->unsubscribe({"b:*"}));
    f.log.add("b:3");
    f.publish();
    f.run_all();
    EXPECT_THAT(subscriber->ids, ElementsAre(1, 3)) << "no filter left: nothing, not everything";
}

TEST(LiveShard, AddsReservedTypesToTheDefaultFilter) {
    LiveFixture f({});
    const auto subscriber = f.subscribe("", {});
    ASSERT_TRUE(subscriber->subscription->subscribe({"monitor:*"}));
    f.log.add("a");
    f.log.add("monitor:dead");
    f.publish();
    f.run_all();
    EXPECT_THAT(subscriber->ids, ElementsAre(1, 2));
}

TEST(LiveShard, ReadsAPageAgainWhenTheFilterChangedMeanwhile) {
    LiveFixture f(small_memory());
    for (int i = 0; i < 8; ++i) {
        f.log.add(i % 2 == 0 ? "a" : "b");
        f.publish();
    }
    const auto subscriber = f.subscribe("a", 1);
    while (f.pool.run_one() && f.log.reads == 0) f.executors[0].run_one();
    ASSERT_EQ(f.log.reads, 1);
    ASSERT_TRUE(subscriber->subscription->subscribe({"b"}));
    subscriber->drain_always();
    f.run_all();
    EXPECT_THAT(subscriber->ids, ElementsAre(2, 3, 4, 5, 6, 7, 8));
}

TEST(LiveShard, SurvivesASubscriberThatLeavesWhileItsPageIsRead) {
    LiveFixture f(small_memory());
    for (int i = 0; i < 8; ++i) {
        f.log.add("a");
        f.publish();
    }
    auto subscriber = f.subscribe("a", 1);
    subscriber.reset();
    f.run_all();
    const auto next = f.subscribe("a", 7);
    f.run_all();
    EXPECT_THAT(next->ids, ElementsAre(8));
}

TEST(LiveShard, ReadsTheLogAfterItWasOverrun) {
    LiveFixture f(small_memory());
    const auto subscriber = f.subscribe("a", {});
    subscriber->drain_always();
    for (int i = 0; i < 20; ++i) {
        f.log.add("a");
        f.publish();
    }
    f.run_all();
    EXPECT_EQ(subscriber->ids.size(), 20);
    EXPECT_TRUE(std::ranges::is_sorted(subscriber->ids));
    EXPECT_TRUE(subscriber->subscription->is_live());
}

TEST(LiveShard, HandsAFewEventsAtATurn) {
    LiveFixture f({.slice_bytes = 100});
    const auto subscriber = f.subscribe("a", {});
    for (int i = 0; i < 10; ++i) f.log.add("a");
    f.publish();
    ASSERT_TRUE(f.executors[0].run_one());
    EXPECT_LT(subscriber->ids.size(), 10);
    EXPECT_EQ(subscriber->subscription->cursor().value, subscriber->ids.back());
    f.run_all();
    EXPECT_EQ(subscriber->ids.size(), 10);
}

TEST(LiveShard, TheCursorOfAQuietSubscriberMovesOn) {
    LiveFixture f({});
    const auto subscriber = f.subscribe("a", {});
    for (int i = 0; i < 10; ++i) f.log.add("b");
    f.publish();
    f.run_all();
    EXPECT_THAT(subscriber->ids, IsEmpty());
    EXPECT_EQ(subscriber->subscription->cursor(), Position{10});
    f.broadcast.publish(nullptr, Position{15});
    f.shards[0]->refresh();
    EXPECT_EQ(subscriber->subscription->cursor(), Position{15});
}

}  // namespace
}  // namespace headwater::testing
