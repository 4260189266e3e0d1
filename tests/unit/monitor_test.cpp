#include "core/monitor.hpp"

#include <gtest/gtest.h>

#include "rest/monitor_body.hpp"

namespace headwater {
namespace {

using rest::NoticeRequest;
using rest::parse_monitor;

MonitorRule rule(const char* every, int threshold) {
    return {parse_monitor_interval(every).value(), threshold};
}

TEST(MonitorRule, WaitsForOneMoreThanMayBeMissed) {
    EXPECT_EQ(rule("4hours", 0).period(), "4hours");
    EXPECT_EQ(rule("4hours", 2).period(), "12hours");
    EXPECT_EQ(rule("1month", 1).period(), "2months");
}

TEST(MonitorRule, IsBounded) {
    EXPECT_TRUE(check_monitor_rule(rule("100years", 0)));
    EXPECT_FALSE(check_monitor_rule(rule("100years", 1)));
    EXPECT_TRUE(check_monitor_rule(rule("1day", 1000)));
    EXPECT_FALSE(check_monitor_rule(rule("100days", 1000)));
    for (const char* bad : {"", "permanent", "ephemeral", "0hours", "often", "4 hours", "-1day"}) {
        EXPECT_FALSE(parse_monitor_interval(bad)) << bad;
    }
}

TEST(MonitorKey, IsLongAndNeverTheSame) {
    const std::string key = make_monitor_key();
    EXPECT_EQ(key.size(), 36U);
    EXPECT_EQ(key.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
              std::string::npos);
    EXPECT_NE(key, make_monitor_key());
    EXPECT_NE(hash_of_monitor_key(key), hash_of_monitor_key(key + "x"));
}

TEST(MonitorBody, ReadsBothFormsOfAnInterval) {
    const auto text = parse_monitor(R"({"name":"a","interval":"4hours"})", nullptr).value();
    const auto object =
        parse_monitor(R"({"name":"a","interval":{"count":4,"unit":"hour"}})", nullptr).value();
    EXPECT_EQ(text.definition.rule.every, object.definition.rule.every);
    EXPECT_EQ(text.definition.rule.threshold, 0);
    EXPECT_EQ(text.notify, std::nullopt);
    EXPECT_FALSE(parse_monitor(R"({"name":"a","interval":{"count":"4","unit":"hour"}})", nullptr));
    EXPECT_FALSE(parse_monitor(R"({"name":"a","interval":{"count":4,"unit":"hour","x":1}})", nullptr));
}

TEST(MonitorBody, APatchKeepsWhatItDoesNotMention) {
    MonitorDefinition stored{"backup", "text", rule("1day", 3), {StreamId{7}}};
    const auto patched = parse_monitor(R"({"threshold":0})", &stored).value().definition;
    EXPECT_EQ(patched.name, "backup");
    EXPECT_EQ(patched.rule.threshold, 0);
    EXPECT_EQ(patched.rule.every, stored.rule.every);
    EXPECT_EQ(patched.notices, stored.notices);
    EXPECT_FALSE(parse_monitor(R"({"threshold":0})", nullptr))
        << "without a stored one name and interval are needed";
}

TEST(MonitorBody, NamesEveryMistake) {
    const auto parsed = parse_monitor(
        R"({"name":"a\nb","interval":7,"threshold":1.5,"description":5,"notify":[{"source":"email","from":"now"},"x"]})",
        nullptr);
    ASSERT_FALSE(parsed);
    std::vector<std::string> pointers;
    for (const FieldError& error : parsed.error().errors) pointers.push_back(error.pointer);
    EXPECT_EQ(pointers, (std::vector<std::string>{"/name", "/description", "/interval", "/threshold",
                                                  "/notify/0/from", "/notify/1"}));
}

TEST(MonitorBody, ANotificationMayNameTheStreamThatItReplaces) {
    const auto parsed = parse_monitor(
        R"({"name":"a","interval":"1day","notify":[{"source":"webhook","stream":"12","uri":"x"}]})", nullptr);
    const NoticeRequest& notice = parsed.value().notify->front();
    EXPECT_EQ(notice.replaces, StreamId{12});
    EXPECT_EQ(notice.json, R"({"source":"webhook","uri":"x"})");
    const auto bad =
        parse_monitor(R"({"name":"a","interval":"1day","notify":[{"source":"email","stream":12}]})", nullptr);
    EXPECT_EQ(bad.error().errors.front().pointer, "/notify/0/stream");
}

TEST(MonitorBody, MailSaysSomethingAboutTheMonitorUnlessToldOtherwise) {
    const auto parsed = parse_monitor(
        R"({"name":"a","interval":"1day","notify":[{"source":"email","to":"a@b","subject":"mine"},{"source":"webhook"}]})",
        nullptr);
    const auto& notify = *parsed.value().notify;
    EXPECT_NE(notify[0].json.find(R"("template":"{payload.summary})"), std::string::npos);
    EXPECT_EQ(notify[0].json.find("payload.status}] "), std::string::npos)
        << "the subject is the client's own";
    EXPECT_EQ(notify[1].json, R"({"source":"webhook"})");
}

}  // namespace
}  // namespace headwater
