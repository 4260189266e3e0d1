#include "sinks/webhook/webhook_destination.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sinks/option_reader.hpp"

namespace headwater::sinks {
namespace {

using std::chrono::seconds;

std::vector<std::string> mistakes(const std::string& json) {
    std::vector<std::string> pointers;
    if (const auto parsed = WebhookDestination::parse(json, std::nullopt); !parsed) {
        for (const FieldError& error : parsed.error()) pointers.push_back(error.pointer);
    }
    return pointers;
}

std::string with_uri(const std::string& uri) {
    return "{\"uri\":\"" + uri + "\"}";
}

TEST(WebhookDestination, HasTheContractsDefaults) {
    const auto to =
        WebhookDestination::parse(R"({"source":"webhook","order":"loose","uri":"http://example/x"})", {});
    ASSERT_TRUE(to);
    EXPECT_EQ(to->timeout, seconds(15));
    EXPECT_EQ(to->max_in_flight, 32U);
    EXPECT_EQ(to->format, WebhookDestination::Format::event);
    EXPECT_EQ(to->default_name(), "webhook-example-x");
}

TEST(WebhookDestination, ReadsEveryOption) {
    const auto to = WebhookDestination::parse(
        R"({"uri":"https://h:8443/a/b?c=d","secret":"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw","headers":{"X-A":"1"},
            "timeout":"20s","maxInFlight":7,"retries":["5s","5min","2h",9],"format":"cloudevents"})",
        {});
    ASSERT_TRUE(to);
    EXPECT_EQ(to->retries, (std::vector<seconds>{seconds(5), seconds(300), seconds(7200), seconds(9)}));
    const auto again = WebhookDestination::from_json(to->to_json());
    EXPECT_EQ(again.to_json(), to->to_json());
    EXPECT_EQ(again.headers.at("X-A"), "1");
    EXPECT_EQ(again.timeout, seconds(20));
}

TEST(WebhookDestination, HidesSecretsAndKeepsThoseThatAreLeftOut) {
    const auto first = WebhookDestination::parse(
        R"({"uri":"http://h/","secret":"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw","headers":{"Authorization":"Bearer t"}})",
        {});
    ASSERT_TRUE(first);
    EXPECT_EQ(first->describe().find("whsec_"), std::string::npos);
    EXPECT_EQ(first->describe().find("Bearer"), std::string::npos);
    const auto again = WebhookDestination::parse("{" + first->describe() + "}", first->to_json());
    ASSERT_TRUE(again);
    EXPECT_EQ(again->to_json(), first->to_json());
}

TEST(WebhookDestination, RotationKeepsTheFormerSecretForADay) {
    const Timestamp now = parse_rfc3339("2026-03-01T12:00:00Z").value();
    const auto first = WebhookDestination::parse(
        R"({"uri":"http://h/","secret":"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"})", {});
    const auto second = first->rotated(now).value();
    EXPECT_NE(second.secret, first->secret);
    EXPECT_EQ(second.former_secrets,
              (std::map<std::string, Timestamp>{{first->secret, now + seconds(86400)}}));
    EXPECT_EQ(WebhookDestination::from_json(second.to_json()).former_secrets, second.former_secrets);
    EXPECT_EQ(second.describe(), first->describe());
    const auto third = second.rotated(now + seconds(86400)).value();
    EXPECT_EQ(third.former_secrets.size(), 1U);
    EXPECT_TRUE(third.former_secrets.contains(second.secret));
}

TEST(WebhookDestination, FormerSecretsLiveAsLongAsTheSecretThatIsStored) {
    const auto stored = WebhookDestination::parse(
                            R"({"uri":"http://h/","secret":"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"})", {})
                            ->rotated(parse_rfc3339("2026-03-01T12:00:00Z").value())
                            .value();
    EXPECT_EQ(WebhookDestination::parse(with_uri("http://h/"), stored.to_json())->to_json(),
              stored.to_json());
    const auto other = WebhookDestination::parse(
        R"({"uri":"http://h/","secret":"whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})", stored.to_json());
    EXPECT_TRUE(other->former_secrets.empty());
    EXPECT_THAT(mistakes(R"({"uri":"http://h/","formerSecrets":{"whsec_x":"2030-01-01T00:00:00Z"}})"),
                ::testing::ElementsAre("/formerSecrets"));
}

TEST(WebhookDestination, ThereIsAnEndToRotations) {
    auto to = WebhookDestination::parse(
        R"({"uri":"http://h/","secret":"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"})", {});
    const Timestamp now = parse_rfc3339("2026-03-01T12:00:00Z").value();
    for (int i = 0; i < 20; ++i) to = to->rotated(now).value();
    EXPECT_FALSE(to->rotated(now));
    EXPECT_TRUE(to->rotated(now + seconds(86400)));
}

TEST(WebhookDestination, RefusesHeadersThatCouldForgeARequest) {
    for (const char* name : {"Host", "content-length", "Transfer-Encoding", "Connection", "Webhook-Id",
                             "webhook-x", "Headwater-Replay", "Content-Type", "a b", "a:b", "", "x\\r\\ny"}) {
        const std::string json = R"({"uri":"http://h/","headers":{")" + std::string(name) + R"(":"v"}})";
        EXPECT_FALSE(mistakes(json).empty()) << name;
    }
    EXPECT_THAT(mistakes(R"({"uri":"http://h/","headers":{"X":"a\r\nB: c"}})"),
                ::testing::ElementsAre("/headers/X"));
}

TEST(WebhookDestination, WantsAnHttpAddressWithoutCredentials) {
    for (const char* uri : {"", "example", "ftp://h/", "file:///etc/passwd", "http://", "http://u:p@h/",
                            "http://u@h/", "http://h/a b", "javascript:1"}) {
        EXPECT_THAT(mistakes(with_uri(uri)), ::testing::ElementsAre("/uri")) << uri;
    }
    EXPECT_THAT(mistakes("{}"), ::testing::ElementsAre("/uri"));
    for (const char* uri : {"http://h", "https://h:1/x?y=z#f", "http://[::1]:80/", "HTTP://H/"}) {
        EXPECT_THAT(mistakes(with_uri(uri)), ::testing::IsEmpty()) << uri;
    }
}

TEST(WebhookDestination, NamesItselfByHostAndPath) {
    const auto name = [](const std::string& uri) {
        return WebhookDestination::parse(with_uri(uri), {})->default_name();
    };
    EXPECT_EQ(name("http://example/api/v1/unpublish"), "webhook-example-api-v1-unpublish");
    EXPECT_EQ(name("https://h:8443/"), "webhook-h-8443");
    EXPECT_NE(name("http://h/x?token=1"), name("http://h/x?token=2"));
    EXPECT_EQ(name("http://h/x?token=1").find("token"), std::string::npos);
    EXPECT_LE(name("http://h/" + std::string(500, 'x')).size(), 100U);
}

TEST(ParseWait, ReadsCountsAndUnits) {
    EXPECT_EQ(parse_wait("15s"), seconds(15));
    EXPECT_EQ(parse_wait("5min"), seconds(300));
    EXPECT_EQ(parse_wait("2h"), seconds(7200));
    EXPECT_EQ(parse_wait("1day"), seconds(86400));
    for (const char* text :
         {"", "s", "0s", "-1s", "1.5s", "5 min", "5parsecs", "99999999999999999999s", "40000000d"}) {
        EXPECT_EQ(parse_wait(text), std::nullopt) << text;
    }
}

}  // namespace
}  // namespace headwater::sinks
