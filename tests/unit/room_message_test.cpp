#include "core/room_message.hpp"

#include <gtest/gtest.h>

#include "core/room.hpp"
#include "core/room_feed.hpp"

namespace headwater {
namespace {

EventPtr message(std::string_view payload, std::string_view room = "lobby", std::int64_t id = 1) {
    EventRecord record;
    record.id = EventId{id};
    record.type = "room:chat";
    record.subject = room;
    record.payload = payload;
    return make_event(record);
}

TEST(RoomMessage, ComesBackAsItWasMade) {
    const std::vector<std::string> users{"bob", "eve \"the\\ spy\"", "Zoë"};
    const auto event = message(make_room_payload("task \"done\"", std::span(users), R"({"a": [1,2.50]})"));
    const auto read = RoomMessage::read(*event);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->name_json(), R"("task \"done\"")");
    EXPECT_EQ(read->data(), R"({"a": [1,2.50]})");
    ASSERT_EQ(read->users().size(), 3U);
    EXPECT_EQ(read->users()[1], R"("eve \"the\\ spy\"")");
}

TEST(RoomMessage, WithoutUsersItIsForEverybodyAndWithNoneForNobody) {
    RoomAudience audience;
    const auto all = message(make_room_payload("x", std::nullopt, "1"), "lobby", 1);
    const std::vector<std::string> none;
    const auto nobody = message(make_room_payload("x", std::span(none), "1"), "lobby", 2);
    EXPECT_TRUE(audience.admits(*all, "\"bob\""));
    EXPECT_FALSE(audience.admits(*nobody, "\"bob\""));
}

TEST(RoomMessage, OtherPayloadsAreNotMessages) {
    for (const std::string_view payload :
         {"1", "{}", R"({"data":1})", R"({"event":"x"})", R"({"event":5,"data":1})",
          R"({"event":"x","acl":[5],"data":1})"}) {
        EXPECT_FALSE(RoomMessage::read(*message(payload))) << payload;
    }
}

RoomFeed::Listener counting(int& added, int& removed) {
    return {.added = [&added](const LiveFilter&) { ++added; },
            .removed = [&removed](const LiveFilter&) { ++removed; }};
}

RoomReader bob(std::string_view forbidden = "") {
    return {.user = "bob", .may_read = [forbidden](std::string_view space) { return space != forbidden; }};
}

RoomAccessChange change(RoomAccessChange::Kind kind, std::string space, std::string room) {
    return {kind, "bob", {std::move(space), std::move(room)}};
}

using Kind = RoomAccessChange::Kind;

TEST(RoomFeed, FollowsChangesThatCameBeforeItsRoomsWereLoaded) {
    RoomAudience audience;
    RoomFeed feed(bob(), audience);
    int added = 0, removed = 0;
    feed.apply(change(Kind::revoked, "chat", "lobby"), counting(added, removed));
    feed.apply(change(Kind::subscribed, "chat", "attic"), counting(added, removed));
    feed.load({{"chat", "lobby"}, {"chat", "cellar"}});
    EXPECT_EQ(added + removed, 0);
    const std::string payload = make_room_payload("x", std::nullopt, "1");
    EXPECT_FALSE(feed.matches(*message(payload, "lobby")));
    EXPECT_TRUE(feed.matches(*message(payload, "attic")));
    EXPECT_TRUE(feed.matches(*message(payload, "cellar")));
}

TEST(RoomFeed, TellsOfWhatReallyChangesAlone) {
    RoomAudience audience;
    RoomFeed feed(bob(), audience);
    feed.load({{"chat", "a"}, {"chat", "b"}, {"other", "a"}});
    int added = 0, removed = 0;
    feed.apply(change(Kind::subscribed, "chat", "a"), counting(added, removed));
    feed.apply(change(Kind::unsubscribed, "chat", "z"), counting(added, removed));
    EXPECT_EQ(added + removed, 0);
    feed.apply(change(Kind::removed, "chat", ""), counting(added, removed));
    EXPECT_EQ(removed, 2);
    EXPECT_EQ(feed.to_filter().log_types()->to_text(), "room:other");
}

TEST(RoomFeed, KeepsOutOfNamespacesThatItsTokenDoesNotOpen) {
    RoomAudience audience;
    RoomFeed feed(bob("secret"), audience);
    feed.load({{"secret", "a"}, {"chat", "a"}});
    int added = 0, removed = 0;
    feed.apply(change(Kind::subscribed, "secret", "b"), counting(added, removed));
    EXPECT_EQ(added, 0);
    EXPECT_EQ(feed.to_filter().log_types()->to_text(), "room:chat");
}

TEST(RoomFeed, WithoutRoomsItReadsNothing) {
    RoomAudience audience;
    RoomFeed feed(bob(), audience);
    feed.load({});
    EXPECT_TRUE(feed.to_filter().is_empty());
}

TEST(RoomAccessChange, ReadsWhatTheDatabaseWrites) {
    const auto read = RoomAccessChange::parse(
        R"({"change":"subscribed","user":"Zo\u00eb","namespace":"chat","room":"a \"b\""})");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->user, "Zoë");
    EXPECT_EQ(read->room, (RoomName{"chat", "a \"b\""}));
    EXPECT_FALSE(RoomAccessChange::parse(R"({"change":"exploded"})"));
    EXPECT_FALSE(RoomAccessChange::parse("nonsense"));
}

TEST(RoomNames, AreCheckedByBytes) {
    EXPECT_TRUE(is_namespace_name("a.B-c_9"));
    EXPECT_FALSE(is_namespace_name("a:b"));
    EXPECT_FALSE(is_namespace_name(std::string(101, 'a')));
    EXPECT_TRUE(is_room_name("Gruppe Ö/1"));
    EXPECT_FALSE(is_room_name("a\nb"));
    EXPECT_FALSE(is_room_name("\xff"));
    EXPECT_FALSE(is_user_name(""));
}

}  // namespace
}  // namespace headwater
