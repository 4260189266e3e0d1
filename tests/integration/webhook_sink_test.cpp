// The webhook sink against a receiver that answers as it is told.
#include "sinks/webhook/webhook_sink_type.hpp"

#include "core/cloud_event.hpp"
#include "sinks/webhook/webhook_signature.hpp"
#include "tests/contract/sink_contract.hpp"
#include "tests/support/http_receiver.hpp"

namespace headwater::testing {
namespace {

using sinks::WebhookSecret;
using sinks::WebhookSinkType;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

class WebhookUnderTest final : public SinkUnderTest {
  public:
    const SinkType& type() override { return type_; }
    std::string stream_json() override {
        return R"({"source":"webhook","uri":")" + receiver_.url("/hook") + R"(","secret":")" + kSecret +
               R"("})";
    }
    std::pair<std::string, std::set<std::string>> mistaken_json() override {
        return {
            R"({"uri":"ftp://x/","headers":{"Host":"y"},"timeout":"soon","maxInFlight":0,"secret":"s","x":1})",
            {"/uri", "/headers/Host", "/timeout", "/maxInFlight", "/secret", "/x"}};
    }
    std::vector<std::string> received() override {
        std::vector<std::string> bodies;
        for (const ReceivedRequest& request : receiver_.requests()) bodies.push_back(request.body);
        return bodies;
    }
    void take_away() override { receiver_.stop(); }
    void bring_back() override { receiver_.start(); }
    void refuse() override { receiver_.answer_with({.status = 500, .body = "no"}); }
    void accept() override { receiver_.answer_with(Reply{}); }
    void fall_silent() override { receiver_.answer_with({.way = Reply::Way::hang}); }

    HttpReceiver& receiver() { return receiver_; }

  private:
    HttpReceiver receiver_;
    WebhookSinkType type_{{"127.0.0.0/8"}};
};

INSTANTIATE_TEST_SUITE_P(WebhookSink, SinkContract, ::testing::Values([] {
                             return std::unique_ptr<SinkUnderTest>(std::make_unique<WebhookUnderTest>());
                         }));

class WebhookSinkTest : public ::testing::Test {
  protected:
    using Outcome = DeliveryResult::Outcome;

    std::unique_ptr<Sink> open_at(const std::string& uri, const std::string& options = "") {
        const std::string json = R"({"uri":")" + uri + R"(","secret":")" + kSecret + "\"" + options + "}";
        return tested_.type().open(StreamId{1}, tested_.type().parse(json, std::nullopt).value().json);
    }
    std::unique_ptr<Sink> open(const std::string& options = "") {
        return open_at(tested_.receiver().url("/hook?a=b"), options);
    }
    DeliveryResult answer(Reply reply) {
        tested_.receiver().answer_with(std::move(reply));
        return settlements_.try_one(*open(), make_sink_event(1));
    }

    Settlements settlements_;
    WebhookUnderTest tested_;
};

TEST_F(WebhookSinkTest, SignsAsStandardWebhooksDo) {
    const auto sink = open(R"(,"headers":{"X-Tenant":"t1"})");
    EXPECT_EQ(settlements_.try_one(*sink, make_sink_event(77)).outcome, Outcome::delivered);
    const ReceivedRequest request = tested_.receiver().requests().front();
    EXPECT_EQ(request.method + " " + request.target, "POST /hook?a=b");
    EXPECT_EQ(request.header("webhook-id"), "77");
    EXPECT_EQ(request.header("content-type"), "application/json");
    EXPECT_EQ(request.header("x-tenant"), "t1");
    EXPECT_EQ(request.header("expect"), std::nullopt);
    const std::string timestamp = request.header("webhook-timestamp").value();
    EXPECT_NEAR(std::stod(timestamp), static_cast<double>(std::time(nullptr)), 5);
    EXPECT_EQ(request.header("webhook-signature"),
              WebhookSecret::parse(kSecret)->sign("77", timestamp, request.body));
}

TEST_F(WebhookSinkTest, SendsCloudEventsWhenAskedTo) {
    const auto sink = open(R"(,"format":"cloudevents")");
    const EventPtr event = make_sink_event(5);
    EXPECT_EQ(settlements_.try_one(*sink, event).outcome, Outcome::delivered);
    const ReceivedRequest request = tested_.receiver().requests().front();
    EXPECT_EQ(request.header("content-type"), "application/cloudevents+json");
    EXPECT_EQ(request.body, to_cloud_event(*event));
    EXPECT_EQ(
        request.header("webhook-signature"),
        WebhookSecret::parse(kSecret)->sign("5", request.header("webhook-timestamp").value(), request.body));
}

TEST_F(WebhookSinkTest, KeepsTheConnectionAlive) {
    const auto sink = open();
    for (std::int64_t id = 1; id <= 20; ++id) {
        EXPECT_EQ(settlements_.try_one(*sink, make_sink_event(id)).outcome, Outcome::delivered);
    }
    EXPECT_EQ(tested_.receiver().connections_accepted(), 1U);
}

TEST_F(WebhookSinkTest, TakesAnySuccessAsDelivered) {
    EXPECT_EQ(answer({.status = 204}).outcome, Outcome::delivered);
    EXPECT_EQ(answer({.status = 299, .body = "fine"}).outcome, Outcome::delivered);
}

TEST_F(WebhookSinkTest, StopsWhenTheDestinationIsGone) {
    EXPECT_EQ(answer({.status = 410}).outcome, Outcome::stop);
}

TEST_F(WebhookSinkTest, RefusesRedirects) {
    const DeliveryResult result = answer({.status = 302, .headers = {{"Location", "http://127.0.0.1/"}}});
    EXPECT_EQ(result.outcome, Outcome::failed);
    EXPECT_EQ(result.status, 302);
    EXPECT_EQ(tested_.receiver().requests().size(), 1U);
}

TEST_F(WebhookSinkTest, ReadsRetryAfterInBothForms) {
    const DeliveryResult busy = answer({.status = 503, .headers = {{"Retry-After", "7"}}, .body = "busy"});
    EXPECT_EQ(busy.outcome, Outcome::failed);
    EXPECT_EQ(busy.retry_after, seconds(7));
    EXPECT_EQ(busy.response, "busy");
    const std::time_t then = std::time(nullptr) + 60;
    char date[64];
    std::strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", std::gmtime(&then));
    const DeliveryResult later = answer({.status = 429, .headers = {{"Retry-After", date}}});
    ASSERT_TRUE(later.retry_after.has_value());
    EXPECT_NEAR(static_cast<double>(later.retry_after->count()), 60, 3);
    EXPECT_EQ(answer({.status = 500, .headers = {{"Retry-After", "7"}}}).retry_after, std::nullopt);
}

TEST_F(WebhookSinkTest, KeepsTwentyThousandBytesOfAnEndlessAnswer) {
    const DeliveryResult result = answer({.way = Reply::Way::endless});
    EXPECT_EQ(result.outcome, Outcome::delivered);  // its status line said 200
    EXPECT_EQ(result.response.size(), 20'000U);
}

TEST_F(WebhookSinkTest, GivesUpWhenTheAnswerDoesNotCome) {
    for (const Reply::Way way : {Reply::Way::hang, Reply::Way::trickle}) {
        tested_.receiver().answer_with({.way = way});
        const DeliveryResult result = settlements_.try_one(*open(R"(,"timeout":1)"), make_sink_event(1));
        EXPECT_EQ(result.outcome, Outcome::failed);
        EXPECT_EQ(result.reason, "The webhook did not answer in time.");
    }
}

TEST_F(WebhookSinkTest, CountsABrokenConnectionAsAFailedAttempt) {
    EXPECT_EQ(answer({.way = Reply::Way::reset}).outcome, Outcome::failed);
}

TEST_F(WebhookSinkTest, OneThatHangsDoesNotHoldTheOthersUp) {
    HttpReceiver silent;
    silent.answer_with({.way = Reply::Way::hang});
    Settlements never;
    const auto hanging = open_at(silent.url("/"));
    for (std::int64_t id = 1; id <= 32; ++id) hanging->deliver(never.delivery_of(make_sink_event(id)));
    ASSERT_TRUE(silent.wait_for(1));
    const auto sink = open();
    for (std::int64_t id = 1; id <= 20; ++id) {
        EXPECT_EQ(settlements_.try_one(*sink, make_sink_event(id)).outcome, Outcome::delivered);
    }
    EXPECT_EQ(never.all().size(), 0U);
}

TEST_F(WebhookSinkTest, RefusesPrivateAddressesHoweverTheyAreSpelt) {
    const WebhookSinkType strict{{}};
    const std::string port = ":" + std::to_string(tested_.receiver().port()) + "/";
    for (const char* host : {"127.0.0.1", "localhost", "2130706433", "0x7f.1", "127.1", "[::1]",
                             "[::ffff:127.0.0.1]", "0.0.0.0", "[::]", "[64:ff9b::7f00:1]"}) {
        const auto parsed =
            strict.parse(R"({"uri":"http://)" + std::string(host) + port + "\"}", std::nullopt);
        ASSERT_TRUE(parsed) << host;
        const auto sink = strict.open(StreamId{1}, parsed->json);
        const DeliveryResult result = settlements_.try_one(*sink, make_sink_event(1));
        EXPECT_EQ(result.outcome, Outcome::failed) << host;
        EXPECT_THAT(result.reason, ::testing::HasSubstr("private or reserved")) << host;
    }
    EXPECT_EQ(tested_.receiver().connections_accepted(), 0U);
}

TEST_F(WebhookSinkTest, MakesASecretAndShowsItOnce) {
    const std::string json = R"({"uri":")" + tested_.receiver().url() + "\"}";
    const auto first = tested_.type().parse(json, std::nullopt).value();
    EXPECT_THAT(first.shown_once, ::testing::StartsWith("\"secret\":\"whsec_"));
    const auto again = tested_.type().parse(json, first.json).value();
    EXPECT_EQ(again.json, first.json);
    EXPECT_EQ(again.shown_once, "");
    EXPECT_EQ(tested_.type().describe(first.json).find("whsec_"), std::string::npos);
}

}  // namespace
}  // namespace headwater::testing
