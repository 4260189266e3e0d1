// The webhook sink against a receiver that answers as it is told.
#include "sinks/webhook/webhook_sink_type.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include "core/cloud_event.hpp"
#include "postgres/process.hpp"
#include "sinks/curl/curl_client.hpp"
#include "sinks/webhook/webhook_signature.hpp"
#include "sinks/webhook/webhook_sink.hpp"
#include "sinks/webhook/webhook_transfer.hpp"
#include "tests/contract/sink_contract.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/http_receiver.hpp"
#include "tests/support/temp_dir.hpp"

namespace headwater::testing {
namespace {

using sinks::WebhookSecret;
using sinks::WebhookSinkType;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

class WebhookUnderTest : public SinkUnderTest {
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

/// As webhooks with https:// addresses go.
class CurlWebhooks final : public SinkType {
  public:
    explicit CurlWebhooks(const SinkType& type) : type_(type) {}
    std::string_view source() const override { return type_.source(); }
    std::expected<ParsedDestination, std::vector<FieldError>> parse(
        std::string_view json, std::optional<std::string_view> stored) const override {
        return type_.parse(json, stored);
    }
    std::string describe(std::string_view destination) const override { return type_.describe(destination); }
    std::expected<void, std::string> verify(std::string_view destination) const override {
        return type_.verify(destination);
    }
    std::unique_ptr<Sink> open(StreamId /*stream*/, std::string_view destination) const override {
        auto to = sinks::WebhookDestination::from_json(destination);
        return std::make_unique<sinks::WebhookSink<Client>>(client_,
                                                            sinks::WebhookTarget::make(std::move(to)));
    }

  private:
    using Client = sinks::CurlClient<sinks::WebhookTransfer>;

    const SinkType& type_;
    std::shared_ptr<Client> client_ =
        std::make_shared<Client>(sinks::AddressGuard({"127.0.0.0/8"}), "webhooks", 1000);
};

class CurlWebhookUnderTest final : public WebhookUnderTest {
  public:
    const SinkType& type() override { return curl_; }

  private:
    CurlWebhooks curl_{WebhookUnderTest::type()};
};

INSTANTIATE_TEST_SUITE_P(WebhookSinkByCurl, SinkContract, ::testing::Values([] {
                             return std::unique_ptr<SinkUnderTest>(std::make_unique<CurlWebhookUnderTest>());
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

TEST_F(WebhookSinkTest, NamesTheReplayThatADeliveryBelongsTo) {
    const auto sink = open();
    sink->deliver(settlements_.delivery_of(make_sink_event(1)));
    ASSERT_TRUE(settlements_.wait_for(1));
    sink->deliver(settlements_.delivery_of(make_sink_event(1), 1, ReplayId{42}));
    ASSERT_TRUE(settlements_.wait_for(2));
    const auto requests = tested_.receiver().requests();
    EXPECT_EQ(requests[0].header("headwater-replay"), std::nullopt);
    EXPECT_EQ(requests[1].header("headwater-replay"), "42");
    EXPECT_EQ(requests[1].header("webhook-id"), "1");
}

TEST_F(WebhookSinkTest, SignsWithEverySecretThatWasReplacedWithinADay) {
    const std::string first = R"({"uri":")" + tested_.receiver().url() + R"(","secret":")" + kSecret + "\"}";
    const auto now = std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
    const SinkType& type = tested_.type();
    const std::string stored = type.parse(first, std::nullopt).value().json;
    const auto once = type.rotate_secret(stored, now - std::chrono::hours(25)).value();
    const auto twice = type.rotate_secret(once.json, now - std::chrono::hours(23)).value();
    const auto thrice = type.rotate_secret(twice.json, now).value();
    const auto sink = type.open(StreamId{1}, thrice.json);
    ASSERT_EQ(settlements_.try_one(*sink, make_sink_event(7)).outcome, Outcome::delivered);
    const ReceivedRequest request = tested_.receiver().requests().front();
    const auto signature_by = [&](const ParsedDestination& to) {
        const std::string text = to.shown_once.substr(std::string_view("\"secret\":\"").size());
        const auto secret = WebhookSecret::parse(text.substr(0, text.find('"'))).value();
        return secret.sign("7", request.header("webhook-timestamp").value(), request.body);
    };
    const std::string signatures = request.header("webhook-signature").value();
    EXPECT_THAT(signatures, ::testing::StartsWith(signature_by(thrice) + " v1,"));
    EXPECT_THAT(signatures, ::testing::HasSubstr(" " + signature_by(twice)));
    EXPECT_THAT(signatures, ::testing::HasSubstr(" " + signature_by(once)));
    EXPECT_EQ(std::ranges::count(signatures, ' '), 2) << "the first one's day is over";
    EXPECT_EQ(type.describe(thrice.json).find("whsec_"), std::string::npos);
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

TEST_F(WebhookSinkTest, GivesUpConnectingAfterFiveSeconds) {
    // A listener whose queue is full: further connections are neither taken nor refused.
    FileDescriptor listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    ASSERT_EQ(::listen(listener.get(), 0), 0);
    const FileDescriptor first = connect_to(port_of(listener));
    const auto sink = open_at("http://127.0.0.1:" + std::to_string(port_of(listener)) + "/");
    const auto begin = std::chrono::steady_clock::now();
    const DeliveryResult result = settlements_.try_one(*sink, make_sink_event(1));
    EXPECT_EQ(result.outcome, Outcome::failed);
    EXPECT_EQ(result.reason, "The webhook did not answer in time.");
    EXPECT_GE(std::chrono::steady_clock::now() - begin, milliseconds(4900));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds(10));
}

TEST_F(WebhookSinkTest, TakesNoCertificateThatNobodyVouchesFor) {
    const TempDir folder;
    const TestCertificate certificate = make_certificate(folder.path());
    const std::string port = std::to_string(free_port());
    postgres::Command server;
    server.arguments = {"/usr/bin/openssl",
                        "s_server",
                        "-quiet",
                        "-www",
                        "-accept",
                        "127.0.0.1:" + port,
                        "-cert",
                        certificate.certificate.string(),
                        "-key",
                        certificate.key.string()};
    auto running = postgres::ChildProcess::launch(server);
    const auto sink = open_at("https://127.0.0.1:" + port + "/");
    DeliveryResult result;
    EXPECT_TRUE(eventually(seconds(20), [&] {
        result = settlements_.try_one(*sink, make_sink_event(1));
        return result.reason != "The webhook's host does not take connections.";
    }));
    EXPECT_EQ(result.outcome, Outcome::failed);
    EXPECT_EQ(result.reason, "The webhook's TLS certificate cannot be verified.");
}

TEST_F(WebhookSinkTest, HasAsManyRequestsUnderWayAsItIsAllowed) {
    tested_.receiver().answer_with({.way = Reply::Way::hang});
    Settlements never;
    auto sink = open(R"(,"maxInFlight":7)");
    ASSERT_EQ(sink->window(), 14U);
    for (std::int64_t id = 1; id <= 14; ++id) sink->deliver(never.delivery_of(make_sink_event(id)));
    EXPECT_TRUE(tested_.receiver().wait_for(7));
    EXPECT_EQ(tested_.receiver().connections_accepted(), 7U);
    sink.reset();
    EXPECT_EQ(never.all().size(), 14U);
    EXPECT_EQ(tested_.receiver().requests().size(), 7U) << "what waited was never sent";
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
    for (const char* host :
         {"127.0.0.1", "017700000001", "127.0.1", "localhost", "2130706433", "0x7f.1", "127.1", "[::1]",
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
