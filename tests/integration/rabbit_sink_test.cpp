// The rabbit sink against a real broker.
#include "sinks/rabbit/rabbit_sink_type.hpp"

#include "tests/contract/sink_contract.hpp"
#include "tests/support/rabbit_queue.hpp"
#include "tests/support/rabbit_server.hpp"
#include "tests/support/tcp_proxy.hpp"

namespace headwater::testing {
namespace {

using sinks::RabbitLimits;
using sinks::RabbitSinkType;
using std::chrono::milliseconds;
using std::chrono::seconds;

RabbitServer& broker() {
    static RabbitServer server;
    return server;
}

std::string new_exchange() {
    static int count = 0;
    return "exchange-" + std::to_string(++count);
}

class RabbitUnderTest final : public SinkUnderTest {
  public:
    explicit RabbitUnderTest(const RabbitLimits& limits = {})
        : queue_(broker().url(), exchange_),
          link_(broker().port()),
          type_({{"default", broker().url_through(link_.port())}}, limits) {
        queue_.bind("sink:test");
    }

    const SinkType& type() override { return type_; }
    std::string stream_json() override {
        return R"({"source":"rabbit","name":"x","exchange":")" + exchange_ + R"(","routingKey":"{type}"})";
    }
    std::pair<std::string, std::set<std::string>> mistaken_json() override {
        return {R"({"source":"rabbit","routingKey":7,"colour":"red"})",
                {"/exchange", "/routingKey", "/colour"}};
    }
    std::vector<std::string> received() override {
        std::vector<std::string> bodies;
        for (const RabbitMessage& message : queue_.messages()) bodies.push_back(message.body);
        return bodies;
    }
    void take_away() override { link_.cut(); }
    void bring_back() override { link_.mend(); }
    void refuse() override { queue_.unbind("sink:test"); }
    void accept() override { queue_.bind("sink:test"); }
    void fall_silent() override { link_.withhold_answers(); }

    RabbitQueue& queue() { return queue_; }
    TcpProxy& link() { return link_; }
    const std::string& exchange() const { return exchange_; }

  private:
    std::string exchange_ = new_exchange();
    RabbitQueue queue_;
    TcpProxy link_;
    RabbitSinkType type_;
};

INSTANTIATE_TEST_SUITE_P(RabbitSink, SinkContract, ::testing::Values([] {
                             return std::unique_ptr<SinkUnderTest>(std::make_unique<RabbitUnderTest>());
                         }));

class RabbitSinkTest : public ::testing::Test {
  protected:
    using Outcome = DeliveryResult::Outcome;

    static std::string stream_at(const std::string& exchange, const std::string& options = "") {
        return "{\"exchange\":\"" + exchange + "\"" + options + "}";
    }
    std::string parse(const std::string& options) {
        return tested_.type().parse(stream_at(tested_.exchange(), options), {}).value().json;
    }
    std::unique_ptr<Sink> open(const std::string& options = "") {
        return tested_.type().open(StreamId{1}, parse(options));
    }
    std::unique_ptr<Sink> open_at(const SinkType& type, const std::string& stream_json) {
        return type.open(StreamId{1}, type.parse(stream_json, {}).value().json);
    }
    bool delivers_again(Sink& sink) {
        return eventually(seconds(20), [&] {
            return settlements_.try_one(sink, make_sink_event(9)).outcome == Outcome::delivered;
        });
    }

    Settlements settlements_;
    RabbitUnderTest tested_;
};

TEST_F(RabbitSinkTest, SaysWhatTheMessageIs) {
    const auto sink = open(R"(,"routingKey":"sink.{type}")");
    tested_.queue().bind("sink.*");
    EXPECT_EQ(settlements_.try_one(*sink, make_sink_event(12)).outcome, Outcome::delivered);
    ASSERT_EQ(tested_.queue().messages().size(), 1U);
    const RabbitMessage& message = tested_.queue().messages().front();
    EXPECT_EQ(message.routing_key, "sink.sink:test");
    EXPECT_EQ(message.content_type, "application/json");
    EXPECT_EQ(message.message_id, "12");
    EXPECT_EQ(message.type, "sink:test");
    EXPECT_EQ(message.delivery_mode, 2);
    EXPECT_EQ(message.replay, "");
}

TEST_F(RabbitSinkTest, NamesTheReplayThatAMessageBelongsTo) {
    const auto sink = open();
    sink->deliver(settlements_.delivery_of(make_sink_event(12), 1, ReplayId{77}));
    ASSERT_TRUE(settlements_.wait_for(1));
    ASSERT_EQ(tested_.queue().messages().size(), 1U);
    EXPECT_EQ(tested_.queue().messages().front().replay, "77");
    EXPECT_EQ(tested_.queue().messages().front().message_id, "12");
}

TEST_F(RabbitSinkTest, SendsAWholeWindowWithoutWaitingForConfirms) {
    const auto sink = open();
    ASSERT_EQ(settlements_.try_one(*sink, make_sink_event(1)).outcome, Outcome::delivered);
    tested_.link().withhold_answers();
    const auto count = static_cast<std::int64_t>(sink->window());
    for (std::int64_t id = 2; id <= count; ++id) sink->deliver(settlements_.delivery_of(make_sink_event(id)));
    EXPECT_TRUE(eventually(
        seconds(15), [&] { return tested_.queue().messages().size() == static_cast<std::size_t>(count); }));
    EXPECT_EQ(settlements_.all().size(), 1U);
    tested_.link().mend();
    ASSERT_TRUE(settlements_.wait_for(static_cast<std::size_t>(count)));
    for (const auto& [id, result] : settlements_.all()) EXPECT_EQ(result.outcome, Outcome::delivered);
}

TEST_F(RabbitSinkTest, ANackIsAFailedAttemptAndTheRetryCarriesTheSameId) {
    const std::string exchange = new_exchange();
    RabbitQueue full(broker().url(), exchange, RabbitQueue::Limit::one_message_then_refuse);
    full.bind("#");
    const auto sink = open_at(tested_.type(), stream_at(exchange));
    EXPECT_EQ(settlements_.try_one(*sink, make_sink_event(1)).outcome, Outcome::delivered);
    const DeliveryResult refused = settlements_.try_one(*sink, make_sink_event(2));
    EXPECT_EQ(refused.outcome, Outcome::failed);
    EXPECT_THAT(refused.reason, ::testing::HasSubstr("nack"));
    EXPECT_EQ(full.messages().size(), 1U);
    EXPECT_TRUE(eventually(seconds(20), [&] {
        return settlements_.try_one(*sink, make_sink_event(2)).outcome == Outcome::delivered;
    }));
    EXPECT_EQ(full.messages().back().message_id, "2");
}

TEST_F(RabbitSinkTest, IsNotPersistentOrMandatoryWhenToldSo) {
    const auto sink = open(R"(,"persistent":false,"mandatory":false,"routingKey":"nobody")");
    EXPECT_EQ(settlements_.try_one(*sink, make_sink_event(1)).outcome, Outcome::delivered);
    tested_.queue().bind("nobody");
    EXPECT_EQ(settlements_.try_one(*sink, make_sink_event(2)).outcome, Outcome::delivered);
    ASSERT_EQ(tested_.queue().messages().size(), 1U);
    EXPECT_EQ(tested_.queue().messages().front().delivery_mode, 1);
}

TEST_F(RabbitSinkTest, TellsReturnedMessagesOfOneExchangeApartByTheirKeys) {
    tested_.queue().bind("sink:a");
    Settlements others;
    const auto routed = open(R"(,"routingKey":"sink:a")");
    const auto unrouted = open(R"(,"routingKey":"nobody")");
    for (std::int64_t id = 1; id <= 100; ++id) {
        routed->deliver(settlements_.delivery_of(make_sink_event(id)));
        unrouted->deliver(others.delivery_of(make_sink_event(id)));
    }
    ASSERT_TRUE(others.wait_for(100));
    for (const auto& [id, result] : others.all()) {
        EXPECT_EQ(result.outcome, Outcome::failed);
        EXPECT_EQ(result.status, 312);
    }
    EXPECT_EQ(settlements_.try_one(*routed, make_sink_event(101)).outcome, Outcome::delivered);
}

TEST_F(RabbitSinkTest, RegistrationNamesTheTypeOfAnExchangeThatDiffers) {
    const auto verified = tested_.type().verify(parse(R"(,"exchangeType":"direct")"));
    ASSERT_FALSE(verified);
    EXPECT_EQ(verified.error(),
              "The exchange \"" + tested_.exchange() + "\" exists as type topic, not direct.");
    EXPECT_TRUE(tested_.type().verify(parse("")));
    EXPECT_FALSE(tested_.type().verify(parse(R"(,"vhost":"nowhere")")));
}

TEST_F(RabbitSinkTest, RegistrationWaitsTenSecondsAtMostForABrokerThatSaysNothing) {
    tested_.link().stall();
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_TRUE(tested_.type().verify(parse(""))) << "it may come back";
    EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds(10));
}

TEST_F(RabbitSinkTest, StreamsMayNameOtherBrokersAndVhosts) {
    broker().control({"add_vhost", "other"});
    broker().control({"set_permissions", "-p", "other", "guest", ".*", ".*", ".*"});
    const RabbitSinkType type({{"default", "amqp://nobody.invalid"}, {"far", broker().url()}});
    const std::string exchange = new_exchange();
    RabbitQueue queue(broker().url() + "/other", exchange);
    queue.bind("#");
    const std::string stream = stream_at(exchange, R"(,"connection":"far","vhost":"other")");
    EXPECT_TRUE(type.verify(type.parse(stream, {}).value().json));
    const auto sink = open_at(type, stream);
    EXPECT_EQ(settlements_.try_one(*sink, make_sink_event(5)).outcome, Outcome::delivered);
    ASSERT_EQ(queue.messages().size(), 1U);
    const auto unknown = type.parse(stream_at(exchange, R"(,"connection":"near")"), {});
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().front(),
              (FieldError{"/connection", "No RabbitMQ broker named \"near\" is configured (--rabbit)."}));
}

TEST_F(RabbitSinkTest, TlsTrustsTheAuthorityThatIsNamedAndNoOther) {
    tested_.queue().bind("#");
    const std::string stream = stream_at(tested_.exchange());
    const RabbitSinkType knowing({{"default", broker().tls_url() + "/?cacertfile=" + broker().ca_file()}});
    EXPECT_TRUE(knowing.verify(knowing.parse(stream, {}).value().json));
    const auto sink = open_at(knowing, stream);
    const EventPtr large = make_sink_event(1, "\"" + std::string(1 << 20, 'x') + "\"");
    EXPECT_EQ(settlements_.try_one(*sink, large).outcome, Outcome::delivered);
    for (std::int64_t id = 2; id <= 300; ++id) sink->deliver(settlements_.delivery_of(make_sink_event(id)));
    ASSERT_TRUE(settlements_.wait_for(300));
    for (const auto& [id, result] : settlements_.all()) EXPECT_EQ(result.outcome, Outcome::delivered);
    EXPECT_EQ(tested_.queue().messages().size(), 300U);

    const RabbitSinkType unknowing({{"default", broker().tls_url()}});
    const DeliveryResult refused = settlements_.try_one(*open_at(unknowing, stream), make_sink_event(301));
    EXPECT_EQ(refused.outcome, Outcome::unavailable);
    EXPECT_EQ(refused.reason, "The broker's TLS certificate cannot be verified.");
}

TEST_F(RabbitSinkTest, AnExchangeThatDiffersBlocksItsOwnStreamOnly) {
    const auto wrong = open(R"(,"exchangeType":"direct")");
    const auto right = open();
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(settlements_.try_one(*wrong, make_sink_event(1)).outcome, Outcome::unavailable);
        EXPECT_EQ(settlements_.try_one(*right, make_sink_event(2)).outcome, Outcome::delivered);
    }
}

TEST_F(RabbitSinkTest, DeclaresAnExchangeAgainThatWasDeleted) {
    const auto sink = open(R"(,"mandatory":false)");
    EXPECT_EQ(settlements_.try_one(*sink, make_sink_event(1)).outcome, Outcome::delivered);
    tested_.queue().delete_exchange();
    EXPECT_TRUE(eventually(seconds(20), [&] {
        return settlements_.try_one(*sink, make_sink_event(2)).outcome == Outcome::delivered;
    }));
}

TEST_F(RabbitSinkTest, AnAlarmOfTheBrokerIsNoAttempt) {
    const auto sink = open();
    EXPECT_EQ(settlements_.try_one(*sink, make_sink_event(1)).outcome, Outcome::delivered);
    broker().raise_alarm();
    const DeliveryResult result = settlements_.try_one(*sink, make_sink_event(2));
    EXPECT_EQ(result.outcome, Outcome::unavailable);
    EXPECT_THAT(result.reason, ::testing::HasSubstr("alarm"));
    EXPECT_TRUE(tested_.type().verify(parse(""))) << "a stream may be registered meanwhile";
    broker().clear_alarm();
    EXPECT_TRUE(eventually(seconds(20), [&] {
        return settlements_.try_one(*sink, make_sink_event(2)).outcome == Outcome::delivered;
    }));
}

/// The limits leave one way only to notice that the broker is silent.
TEST_F(RabbitSinkTest, AConfirmThatDoesNotComeIsNoAttempt) {
    RabbitUnderTest tested({.confirm = milliseconds(500), .publish = seconds(60), .heartbeat = seconds(60)});
    const auto sink = open_at(tested.type(), tested.stream_json());
    ASSERT_EQ(settlements_.try_one(*sink, make_sink_event(1)).outcome, Outcome::delivered);
    tested.link().withhold_answers();
    const DeliveryResult result = settlements_.try_one(*sink, make_sink_event(2));
    EXPECT_EQ(result.outcome, Outcome::unavailable);
    EXPECT_EQ(result.reason, "The broker did not confirm in time.");
    tested.link().mend();
    EXPECT_TRUE(delivers_again(*sink));
}

TEST_F(RabbitSinkTest, HeartbeatsNoticeThatAnIdleBrokerIsGone) {
    RabbitUnderTest tested({.confirm = seconds(60), .publish = seconds(60), .heartbeat = seconds(1)});
    const auto sink = open_at(tested.type(), tested.stream_json());
    ASSERT_EQ(settlements_.try_one(*sink, make_sink_event(1)).outcome, Outcome::delivered);
    tested.link().stall();
    EXPECT_TRUE(eventually(seconds(10), [&] { return tested.link().hung_up() == 1; }));
    tested.link().mend();
    EXPECT_TRUE(delivers_again(*sink));
}

TEST_F(RabbitSinkTest, APublishThatBlocksForEverIsEnded) {
    RabbitUnderTest tested({.confirm = seconds(60), .publish = seconds(1), .heartbeat = seconds(60)});
    const auto sink = open_at(tested.type(), tested.stream_json());
    ASSERT_EQ(settlements_.try_one(*sink, make_sink_event(1)).outcome, Outcome::delivered);
    tested.link().stall();
    for (std::int64_t id = 2; id < 102; ++id) {
        sink->deliver(settlements_.delivery_of(make_sink_event(id, "\"" + std::string(1 << 18, 'x') + "\"")));
    }
    ASSERT_TRUE(settlements_.wait_for(101, seconds(15)));
    EXPECT_EQ(settlements_.all().back().second.outcome, Outcome::unavailable);
    tested.link().mend();
    EXPECT_TRUE(delivers_again(*sink));
}

TEST_F(RabbitSinkTest, ComesBackAfterTheBrokerWasKilled) {
    const auto sink = open();
    EXPECT_EQ(settlements_.try_one(*sink, make_sink_event(1)).outcome, Outcome::delivered);
    broker().kill();
    EXPECT_EQ(settlements_.try_one(*sink, make_sink_event(2)).outcome, Outcome::unavailable);
    broker().start();
    // A broker that is killed so soon after a queue was bound may not have written that down.
    RabbitQueue queue(broker().url(), tested_.exchange());
    queue.bind("sink:test");
    DeliveryResult last;
    EXPECT_TRUE(eventually(seconds(30), [&] {
        last = settlements_.try_one(*sink, make_sink_event(2));
        return last.outcome == Outcome::delivered;
    })) << last.reason;
}

}  // namespace
}  // namespace headwater::testing
