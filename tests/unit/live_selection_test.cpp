#include "core/live_selection.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>
#include <set>

#include "core/room_feed.hpp"
#include "core/room_message.hpp"
#include "tests/support/live_fixture.hpp"

namespace headwater::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::string kForAll = make_room_payload("x", std::nullopt, "1");

std::string only_for(const std::string& user) {
    const std::vector<std::string> users{user};
    return make_room_payload("x", std::span(users), "1");
}

/// A user's open feed on a shard, told of changes by the log as the real one is.
struct Feed {
    Feed(LiveFixture& f, const std::string& user, const std::vector<RoomName>& rooms,
         std::optional<std::int64_t> since = {})
        : feed({.user = user, .may_read = [](std::string_view) { return true; }}, audience) {
        subscriber.subscription = f.shards[0]->subscribe(feed, f.encoder, subscriber);
        feed.load(rooms);
        subscriber.subscription->start(since ? std::optional(Position{*since}) : std::nullopt);
    }
    void apply(const RoomAccessChange& change) {
        if (change.user != feed.user()) return;
        auto& subscription = *subscriber.subscription;
        feed.apply(change, {.added = [&](const LiveFilter& place) { subscription.place_added(place); },
                            .removed = [&](const LiveFilter& place) { subscription.place_removed(place); }});
    }
    [[nodiscard]] const std::vector<std::int64_t>& ids() const { return subscriber.ids; }

    RoomAudience audience;
    RoomFeed feed;
    RecordingSubscriber subscriber;  // its subscription goes before the feed
};

/// Tells feeds what the log says about who is in which room.
void follow(LiveFixture& f, std::vector<Feed*> feeds, int& missed) {
    f.shards[0]->watch({.type = std::string(kRoomAccess),
                        .on_event =
                            [feeds](const EventPtr& event) {
                                const auto change = RoomAccessChange::parse(event->payload());
                                for (Feed* feed : feeds) feed->apply(*change);
                            },
                        .on_missed = [&missed] { ++missed; }});
}

std::string access(std::string_view change, std::string_view user, std::string_view room) {
    return R"({"change":")" + std::string(change) + R"(","user":")" + std::string(user) +
           R"(","namespace":"chat","room":")" + std::string(room) + "\"}";
}

EventPtr say(LiveFixture& f, const std::string& room, const std::string& payload = kForAll) {
    return f.log.add("room:chat", false, room, payload);
}

EventPtr change(LiveFixture& f, std::string_view what, const std::string& user, const std::string& room) {
    return f.log.add(std::string(kRoomAccess), false, user, access(what, user, room));
}

TEST(LiveSelection, EventsOfAllPlacesComeInOrder) {
    LiveFixture f({});
    Feed bob(f, "bob", {{"chat", "a"}, {"chat", "b"}, {"other", "a"}});
    say(f, "b");
    say(f, "a");
    say(f, "c");
    f.log.add("room:other", false, "a", kForAll);
    f.log.add("room:other", false, "b", kForAll);
    say(f, "a");
    f.publish();
    f.run_all();
    EXPECT_THAT(bob.ids(), ElementsAre(1, 2, 4, 6));
    EXPECT_EQ(bob.subscriber.chunks.size(), 1U) << "one chunk a slice";
}

TEST(LiveSelection, WhoGetTheSameEventsGetTheSameBytes) {
    LiveFixture f({});
    Feed bob(f, "bob", {{"chat", "a"}, {"chat", "b"}});
    Feed ann(f, "ann", {{"chat", "a"}, {"chat", "c"}});
    say(f, "a");
    f.publish();
    f.run_all();
    ASSERT_EQ(bob.subscriber.chunks.size(), 1U);
    ASSERT_EQ(ann.subscriber.chunks.size(), 1U);
    EXPECT_EQ(bob.subscriber.chunks[0], ann.subscriber.chunks[0]);
}

TEST(LiveSelection, AMessageIsForThoseAlone) {
    LiveFixture f({});
    Feed bob(f, "bob", {{"chat", "a"}});
    Feed ann(f, "ann", {{"chat", "a"}});
    say(f, "a", only_for("bob"));
    say(f, "a");
    f.publish();
    f.run_all();
    EXPECT_THAT(bob.ids(), ElementsAre(1, 2));
    EXPECT_THAT(ann.ids(), ElementsAre(2));
}

TEST(LiveSelection, AChangeTakesEffectBetweenTheRightTwoMessages) {
    LiveFixture f({});
    Feed bob(f, "bob", {{"chat", "a"}});
    int missed = 0;
    follow(f, {&bob}, missed);
    say(f, "a");
    change(f, "revoked", "bob", "a");
    say(f, "a");
    change(f, "subscribed", "bob", "b");
    say(f, "b");
    say(f, "a");
    f.publish();  // all of it in one slice
    f.run_all();
    EXPECT_THAT(bob.ids(), ElementsAre(1, 5));
    EXPECT_EQ(missed, 0);
}

TEST(LiveSelection, ResumesByTheRoomsOfNow) {
    LiveFixture f({});
    say(f, "a");
    say(f, "b");
    say(f, "a", only_for("ann"));
    say(f, "a");
    f.publish();
    Feed bob(f, "bob", {{"chat", "a"}}, 0);
    bob.subscriber.drain_always();
    f.run_all();
    EXPECT_THAT(bob.ids(), ElementsAre(1, 4));
    say(f, "a");
    f.publish();
    f.run_all();
    EXPECT_THAT(bob.ids(), ElementsAre(1, 4, 5));
}

/// The shard has taken these changes and not yet come to them: a replay must not either.
TEST(LiveSelection, AReplayDoesNotOvertakeChanges) {
    LiveFixture f({.broadcast = {}, .history = {}, .slice_bytes = 1});
    Feed bob(f, "bob", {{"chat", "a"}});
    Feed late(f, "bob", {{"chat", "a"}});
    int missed = 0;
    follow(f, {&bob, &late}, missed);
    say(f, "a");
    f.publish();
    f.run_all();
    say(f, "a");
    change(f, "revoked", "bob", "a");
    say(f, "a");
    change(f, "subscribed", "bob", "b");
    say(f, "b");
    f.publish();
    f.executors[0].run_one();  // takes all of it, hands on the first event alone
    late.subscriber.subscription.reset();
    late.subscriber.ids.clear();
    late.subscriber.drain_always();
    late.subscriber.subscription = f.shards[0]->subscribe(late.feed, f.encoder, late.subscriber);
    late.subscriber.subscription->start(Position{1});
    f.run_all();
    EXPECT_THAT(bob.ids(), ElementsAre(1, 2, 6));
    EXPECT_THAT(late.ids(), ElementsAre(2, 6));
}

TEST(LiveSelection, WithoutRoomsNothingComesAndNothingIsRead) {
    LiveFixture f({.broadcast = {.recent = {.bytes = 1, .events = 1}}});
    for (int i = 0; i < 10; ++i) say(f, "a");
    f.publish(1);
    f.publish(1);
    Feed bob(f, "bob", {}, 1);
    f.run_all();
    EXPECT_EQ(f.log.reads, 0U);
    EXPECT_THAT(bob.ids(), IsEmpty());
    EXPECT_TRUE(bob.subscriber.subscription->is_live());
}

TEST(LiveSelection, AnOverrunIsTold) {
    LiveFixture f({.broadcast = {.recent = {.bytes = 1 << 20, .events = 2},
                                 .waiting = {.bytes = 1 << 20, .events = 4}}});
    Feed bob(f, "bob", {{"chat", "a"}});
    int missed = 0;
    follow(f, {&bob}, missed);
    for (int i = 0; i < 20; ++i) say(f, "a");
    while (f.published < 20) f.publish(1);
    f.run_all();
    EXPECT_EQ(missed, 1);
}

/// Members that come and go must never leave an index pointing elsewhere.
TEST(LiveSelection, IsWhatABookkeeperWouldSayAfterAnyChanges) {
    for (unsigned seed = 1; seed <= 30; ++seed) {
        std::mt19937 random(seed);
        const auto draw = [&](int below) {
            return static_cast<int>(random() % static_cast<unsigned>(below));
        };
        LiveFixture f({.broadcast = {}, .history = {.page_events = 3}, .slice_bytes = 400});
        const std::vector<std::string> users{"ann", "bob", "eve"};
        std::vector<std::unique_ptr<Feed>> feeds;
        std::map<std::string, std::set<std::string>> rooms;
        std::map<std::string, std::vector<std::int64_t>> expected;
        for (const auto& user : users)
            feeds.push_back(std::make_unique<Feed>(f, user, std::vector<RoomName>{}));
        int missed = 0;
        follow(f, {feeds[0].get(), feeds[1].get(), feeds[2].get()}, missed);
        for (int step = 0; step < 200; ++step) {
            const std::string user = users[static_cast<std::size_t>(draw(3))];
            const std::string room(1, static_cast<char>('a' + draw(4)));
            if (draw(3) == 0) {
                const bool enters = draw(2) == 0;
                change(f, enters ? "subscribed" : "revoked", user, room);
                if (enters) {
                    rooms[user].insert(room);
                } else {
                    rooms[user].erase(room);
                }
            } else {
                const bool is_for_one = draw(4) == 0;
                const auto event = say(f, room, is_for_one ? only_for(user) : kForAll);
                for (const auto& one : users) {
                    if (rooms[one].contains(room) && (!is_for_one || one == user))
                        expected[one].push_back(event->id.value);
                }
            }
            if (draw(5) == 0) f.publish(static_cast<std::size_t>(1 + draw(10)));
            if (draw(7) == 0) f.run_all();
        }
        while (f.published < f.log.events().size()) f.publish();
        f.run_all();
        for (std::size_t i = 0; i < users.size(); ++i)
            EXPECT_EQ(feeds[i]->ids(), expected[users[i]]) << users[i] << " with seed " << seed;
    }
}

}  // namespace
}  // namespace headwater::testing
