#include "core/room_acl.hpp"

#include <gtest/gtest.h>

#include "sinks/acl/acl_transfer.hpp"
#include "tests/support/manual_clock.hpp"

namespace headwater {
namespace {

RoomQuestion question(std::string user, std::string room = "lobby") {
    return {.acl_url = "http://acl", .room = {"chat", std::move(room)}, .user = std::move(user)};
}

EventBatch revocation(std::string_view user) {
    const std::string payload =
        R"({"change":"revoked","user":")" + std::string(user) + R"(","namespace":"chat","room":"lobby"})";
    EventRecord record;
    record.id = EventId{1};
    record.type = kRoomAccess;
    record.subject = user;
    record.payload = payload;
    auto event = make_event(record);
    return std::make_shared<const std::vector<EventPtr>>(std::vector<EventPtr>{std::move(event)});
}

TEST(RoomVerdicts, PermissionsLastAMinuteAndRefusalsAMoment) {
    testing::ManualClock clock;
    RoomVerdicts verdicts(clock);
    verdicts.add(question("bob"), {RoomVerdict::allowed, 7});
    verdicts.add(question("eve"), {RoomVerdict::denied, 0});
    verdicts.add(question("ann"), {RoomVerdict::failed, 0});
    ASSERT_TRUE(verdicts.find(question("bob")));
    EXPECT_EQ(verdicts.find(question("bob"))->permitted_at, 7);
    EXPECT_EQ(verdicts.find(question("eve"))->verdict, RoomVerdict::denied);
    EXPECT_FALSE(verdicts.find(question("ann")));
    EXPECT_FALSE(verdicts.find(question("bob", "attic")));
    clock.pass(std::chrono::seconds(6));
    EXPECT_FALSE(verdicts.find(question("eve")));
    EXPECT_TRUE(verdicts.find(question("bob")));
    clock.pass(std::chrono::seconds(54));
    EXPECT_FALSE(verdicts.find(question("bob")));
}

TEST(RoomVerdicts, ARevocationForgetsThePermission) {
    testing::ManualClock clock;
    RoomVerdicts verdicts(clock);
    verdicts.add(question("bob"), {RoomVerdict::allowed, 0});
    verdicts.add(question("ann"), {RoomVerdict::allowed, 0});
    verdicts.on_events(revocation("bob"));
    EXPECT_FALSE(verdicts.find(question("bob")));
    EXPECT_TRUE(verdicts.find(question("ann")));
}

TEST(RoomVerdicts, AnotherServiceIsAskedAnew) {
    testing::ManualClock clock;
    RoomVerdicts verdicts(clock);
    verdicts.add(question("bob"), {RoomVerdict::allowed, 0});
    RoomQuestion moved = question("bob");
    moved.acl_url = "http://elsewhere";
    EXPECT_FALSE(verdicts.find(moved));
}

TEST(RoomVerdicts, TheLeastRecentlyUsedOneGoesFirst) {
    testing::ManualClock clock;
    RoomVerdicts verdicts(clock, 2);
    verdicts.add(question("a"), {RoomVerdict::allowed, 0});
    verdicts.add(question("b"), {RoomVerdict::allowed, 0});
    (void)verdicts.find(question("a"));
    verdicts.add(question("c"), {RoomVerdict::allowed, 0});
    EXPECT_TRUE(verdicts.find(question("a")));
    EXPECT_FALSE(verdicts.find(question("b")));
    verdicts.add(question("a"), {RoomVerdict::denied, 0});
    EXPECT_EQ(verdicts.find(question("a"))->verdict, RoomVerdict::denied);
    EXPECT_TRUE(verdicts.find(question("c")));
}

TEST(AclAddress, NothingInANameLeavesItsPlace) {
    RoomQuestion asked = question("a/../b?x=1#y", "..");
    asked.acl_url = "http://acl/base";
    EXPECT_EQ(sinks::acl_address(asked), "http://acl/base/acl/chat/%2E%2E/a%2F..%2Fb%3Fx%3D1%23y");
    EXPECT_EQ(sinks::acl_address(question("Zoë", "a b")), "http://acl/acl/chat/a%20b/Zo%C3%AB");
}

TEST(AclVerdict, FailsClosed) {
    EXPECT_EQ(sinks::verdict_of(200), RoomVerdict::allowed);
    EXPECT_EQ(sinks::verdict_of(204), RoomVerdict::allowed);
    EXPECT_EQ(sinks::verdict_of(401), RoomVerdict::denied);
    EXPECT_EQ(sinks::verdict_of(403), RoomVerdict::denied);
    EXPECT_EQ(sinks::verdict_of(404), RoomVerdict::unknown_room);
    for (const long status : {0L, 201L, 301L, 302L, 400L, 500L, 503L})
        EXPECT_EQ(sinks::verdict_of(status), RoomVerdict::failed) << status;
}

}  // namespace
}  // namespace headwater
