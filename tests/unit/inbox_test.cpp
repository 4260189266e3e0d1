#include "core/inbox.hpp"

#include <gtest/gtest.h>

namespace headwater {
namespace {

using std::chrono::seconds;

Timestamp at(int second) {
    return Timestamp(seconds(second));
}

TEST(Inbox, IsNamedByTheRule) {
    EXPECT_EQ(inbox_of("service.create", R"({"id":"77"})"), "77");
    EXPECT_EQ(inbox_of("service.delete.error", R"({"id": 77})"), "77");
    EXPECT_EQ(inbox_of("monitor.user", R"({"service":"web-site-77","id":"5"})"), "77");
    EXPECT_EQ(inbox_of("monitor.user", R"({"service":"website","id":"5"})"), "5");
    EXPECT_EQ(inbox_of("monitor.user", R"({"service":"web-","id":"5"})"), "5");
    EXPECT_EQ(inbox_of("monitor.user", R"({"id":"5"})"), "5");
}

TEST(Inbox, IsNoneForOtherTypesAndPayloads) {
    EXPECT_EQ(inbox_of("service.creates", R"({"id":"77"})"), std::nullopt);
    for (const std::string_view payload :
         {"[]", "null", "{}", R"({"id":""})", R"({"id":null})", R"({"id":{}})", R"({"id":"a\u0000b"})"}) {
        EXPECT_EQ(inbox_of("service.create", payload), std::nullopt) << payload;
    }
}

TEST(Inbox, MessagesAreItsElements) {
    const auto messages = inbox_messages(
        R"({"service":"a-1","messages":[{"body":"x \"y\"","level":"warning","more":1},{"body":"z"},"plain",7]})");
    ASSERT_EQ(messages.size(), 4U);
    EXPECT_EQ(messages[0], R"({"body":"x \"y\"","level":"warning"})");
    EXPECT_EQ(messages[1], R"({"body":"z","level":"info"})");
    EXPECT_EQ(messages[2], R"({"body":"plain","level":"info"})");
    EXPECT_EQ(messages[3], R"({"body":7,"level":"info"})");
    EXPECT_TRUE(inbox_messages(R"({"messages":{}})").empty());
    EXPECT_TRUE(inbox_messages("7").empty());
}

TEST(InboxLife, ClosesWithGraceAndBeginsAnew) {
    InboxLife life;
    life.apply("monitor.user", EventId{1}, at(1));
    life.apply("service.create", EventId{2}, at(2));
    EXPECT_EQ(life.begin(), Position{0});
    EXPECT_FALSE(life.has_ended(at(1000)));
    life.apply("service.create.done", EventId{5}, at(100));
    life.apply("service.create.error", EventId{6}, at(105));  // the first one counts
    EXPECT_TRUE(life.takes(at(109)));
    EXPECT_FALSE(life.takes(at(110)));
    EXPECT_FALSE(life.has_ended(at(109)));
    EXPECT_TRUE(life.has_ended(at(110)));
    EXPECT_FALSE(life.closing()->is_error);
    life.apply("service.delete", EventId{9}, at(200));
    EXPECT_EQ(life.begin(), Position{8});
    EXPECT_FALSE(life.closing());
    life.apply("service.delete.error", EventId{11}, at(300));
    EXPECT_TRUE(life.closing()->is_error);
}

TEST(InboxPlace, ReadsWhatItWrites) {
    for (const std::string text : {"4711", "4711.1", "4711.23", "4711.closed", "0"}) {
        const auto place = parse_inbox_place(text);
        ASSERT_TRUE(place) << text;
        EXPECT_EQ(to_string(*place), text);
    }
    for (const std::string text : {"", ".", "1.", ".1", "1.0", "1.-1", "x", "1.2.3", "1.close", "-1"}) {
        EXPECT_FALSE(parse_inbox_place(text)) << text;
    }
}

}  // namespace
}  // namespace headwater
