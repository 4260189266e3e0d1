// Rooms against a real PostgreSQL: who is in which room, in the order of the log.
#include "core/room_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "core/event_log.hpp"
#include "core/json_web_token.hpp"
#include "tests/support/test_database.hpp"

namespace headwater::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;
using Kind = RoomChange::Kind;
using Outcome = RoomChangeOutcome;

class RoomStoreTest : public ::testing::Test {
  protected:
    RoomStoreTest() : store_(db_->room_store()), writer_(db_->make_room_change_writer()) {
        db_.register_type("room:chat", "5minutes");
        store_.put_namespace("chat", "http://acl", std::nullopt);
    }

    static RoomChange change(Kind kind, std::string user, std::string room,
                             RevocationNumber permitted_at = 0) {
        return {kind, std::move(user), {"chat", std::move(room)}, permitted_at};
    }
    Outcome record(const RoomChange& one) { return writer_->record({&one, 1}).at(0); }
    /// What the log tells, oldest first.
    std::vector<std::string> told() {
        const std::string_view type = kRoomAccess;
        std::vector<std::string> all;
        for (const EventPtr& event : db_->log_reader().read({.type = type}).events) {
            const auto read = RoomAccessChange::parse(event->payload());
            const std::string subject = event->subject.value_or("-");
            EXPECT_EQ(subject, read->user.empty() ? "-" : read->user);
            static constexpr std::array kWords{"subscribed", "unsubscribed", "revoked", "removed"};
            all.push_back(subject + " " + kWords.at(static_cast<std::size_t>(read->kind)) + " " +
                          read->room.space + "/" + read->room.room);
        }
        return all;
    }

    TestDatabase db_;
    RoomStore& store_;
    std::unique_ptr<RoomChangeWriter> writer_;
};

TEST_F(RoomStoreTest, TellsTheLogOfWhatReallyChanges) {
    EXPECT_EQ(record(change(Kind::subscribe, "bob", "lobby")), Outcome::done);
    EXPECT_EQ(record(change(Kind::subscribe, "bob", "lobby")), Outcome::done);
    EXPECT_THAT(store_.rooms_of("bob"), ElementsAre(RoomName{"chat", "lobby"}));
    EXPECT_EQ(record(change(Kind::unsubscribe, "bob", "lobby")), Outcome::done);
    EXPECT_EQ(record(change(Kind::unsubscribe, "bob", "lobby")), Outcome::done);
    EXPECT_THAT(store_.rooms_of("bob"), IsEmpty());
    EXPECT_EQ(record(change(Kind::revoke, "bob", "lobby")), Outcome::done);
    EXPECT_THAT(told(), ElementsAre("bob subscribed chat/lobby", "bob unsubscribed chat/lobby",
                                    "bob revoked chat/lobby"));
}

TEST_F(RoomStoreTest, ABatchTakesEffectInItsOrder) {
    const std::vector<RoomChange> batch{
        change(Kind::subscribe, "bob", "a"), change(Kind::subscribe, "ann \"x\" \\", "Größe {1,2}"),
        change(Kind::subscribe, "bob", "b"), {Kind::subscribe, "bob", {"nowhere", "a"}, 0},
        change(Kind::revoke, "bob", "a"),    change(Kind::subscribe, "bob", "a", 0),
        change(Kind::subscribe, "eve", "a"),
    };
    EXPECT_THAT(writer_->record(batch),
                ElementsAre(Outcome::done, Outcome::done, Outcome::done, Outcome::unknown_namespace,
                            Outcome::done, Outcome::revoked, Outcome::done));
    EXPECT_THAT(store_.rooms_of("bob"), ElementsAre(RoomName{"chat", "b"}));
    EXPECT_THAT(store_.rooms_of("ann \"x\" \\"), ElementsAre(RoomName{"chat", "Größe {1,2}"}));
    EXPECT_THAT(told(), ElementsAre("bob subscribed chat/a", "ann \"x\" \\ subscribed chat/Größe {1,2}",
                                    "bob subscribed chat/b", "bob revoked chat/a", "eve subscribed chat/a"));
}

TEST_F(RoomStoreTest, APermissionFromBeforeARevocationLetsNobodyIn) {
    const RevocationNumber before = store_.last_revocation("bob", {"chat", "lobby"});
    EXPECT_EQ(record(change(Kind::revoke, "bob", "lobby")), Outcome::done);
    EXPECT_EQ(record(change(Kind::subscribe, "bob", "lobby", before)), Outcome::revoked);
    EXPECT_EQ(record(change(Kind::subscribe, "bob", "other", before)), Outcome::done);
    EXPECT_EQ(record(change(Kind::subscribe, "ann", "lobby", before)), Outcome::done);
    const RevocationNumber after = store_.last_revocation("bob", {"chat", "lobby"});
    EXPECT_GT(after, before);
    EXPECT_EQ(record(change(Kind::subscribe, "bob", "lobby", after)), Outcome::done);
}

TEST_F(RoomStoreTest, OldRevocationsGoByThemselves) {
    record(change(Kind::revoke, "bob", "lobby"));
    db_.sql().run("update headwater.room_revocations set at = at - interval '2 hours'");
    record(change(Kind::revoke, "ann", "lobby"));
    EXPECT_EQ(db_.number("select count(*) from headwater.room_revocations"), 1);
}

TEST_F(RoomStoreTest, NobodyIsInMoreRoomsThanThereMayBe) {
    db_.sql().run(
        "insert into headwater.room_subscriptions (user_name, namespace_id, room) select 'bob', "
        "namespace_id, 'r' || n "
        "from headwater.namespaces, generate_series(1, " +
        std::to_string(RoomStore::kMaxRooms) + ") n");
    EXPECT_EQ(record(change(Kind::subscribe, "bob", "one more")), Outcome::too_many);
    EXPECT_EQ(record(change(Kind::subscribe, "bob", "r7")), Outcome::done) << "that one is there already";
    EXPECT_EQ(record(change(Kind::subscribe, "ann", "one more")), Outcome::done);
    record(change(Kind::unsubscribe, "bob", "r7"));
    EXPECT_EQ(record(change(Kind::subscribe, "bob", "one more")), Outcome::done);
    EXPECT_EQ(store_.rooms_of("bob").size(), static_cast<std::size_t>(RoomStore::kMaxRooms));
}

TEST_F(RoomStoreTest, ANamespaceGoesWithItsSubscriptionsAndTellsSo) {
    record(change(Kind::subscribe, "bob", "lobby"));
    store_.put_namespace("other", "http://acl", std::nullopt);
    EXPECT_TRUE(store_.remove_namespace("chat"));
    EXPECT_FALSE(store_.remove_namespace("chat"));
    EXPECT_THAT(store_.rooms_of("bob"), IsEmpty());
    EXPECT_THAT(told(), ElementsAre("bob subscribed chat/lobby", "- removed chat/"));
    EXPECT_EQ(record(change(Kind::subscribe, "bob", "lobby")), Outcome::unknown_namespace);
    EXPECT_EQ(store_.namespaces().size(), 1U);
}

TEST_F(RoomStoreTest, KeepsANamespacesRuleUntilItIsChanged) {
    const auto rule = TokenRule::make({TokenRule::Algorithm::HS256, std::string(32, 's'), "me", ""}).value();
    const std::int64_t before = db_->registry_store().generation();
    EXPECT_FALSE(store_.put_namespace("chat", "http://acl", to_stored_json(*rule)));
    EXPECT_GT(db_->registry_store().generation(), before);
    store_.put_namespace("chat", "http://elsewhere", std::nullopt);
    auto stored = store_.find_namespace("chat");
    ASSERT_TRUE(stored && stored->tokens);
    EXPECT_EQ(stored->tokens->definition().issuer, "me");
    EXPECT_EQ(stored->acl_url, "http://elsewhere");
    EXPECT_EQ(stored->history, "5minutes");
    EXPECT_EQ(stored->version, 3);
    store_.put_namespace("chat", "http://acl", "");
    EXPECT_FALSE(store_.find_namespace("chat")->tokens);
    EXPECT_TRUE(store_.put_namespace("new", "http://acl", std::nullopt));
    EXPECT_FALSE(store_.find_namespace("nowhere"));
}

TEST_F(RoomStoreTest, WithoutItsTypeNothingChanges) {
    db_.sql().run(
        "update headwater.event_types set removed_at = clock_timestamp() where name = "
        "'headwater:room-access'");
    EXPECT_ANY_THROW(record(change(Kind::subscribe, "bob", "lobby")));
    EXPECT_THAT(store_.rooms_of("bob"), IsEmpty());
}

TEST_F(RoomStoreTest, TheLogIsReadByManySubjects) {
    const EventTypePtr type = db_.register_type("room:chat", "5minutes");
    std::vector<NewEvent> events(40);
    for (std::size_t i = 0; i < events.size(); ++i) {
        events[i].type = type;
        events[i].subject = "r\"{\\," + std::to_string(i % 20);
        events[i].payload = "1";
    }
    db_.append(events);
    const std::vector<std::string> wanted{"r\"{\\,3", "r\"{\\,17", "none"};
    const LogPage page = db_->log_reader().read({.subjects = wanted});
    ASSERT_EQ(page.events.size(), 4U);
    EXPECT_TRUE(std::ranges::all_of(page.events, [&](const EventPtr& event) {
        return event->subject == wanted[0] || event->subject == wanted[1];
    }));
}

}  // namespace
}  // namespace headwater::testing
