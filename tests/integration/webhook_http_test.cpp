// How webhooks to plain http:// addresses use their connections, against servers that misbehave to the byte.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <atomic>
#include <thread>

#include "sinks/webhook/webhook_sink_type.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/http_receiver.hpp"
#include "tests/support/settlements.hpp"
#include "tests/support/sockets.hpp"

namespace headwater::testing {
namespace {

using sinks::WebhookSinkType;
using std::chrono::seconds;
using Outcome = DeliveryResult::Outcome;
using Script = std::vector<std::string>;

constexpr std::string_view kFine = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// Serves one connection after the other, each by its script: an answer for each request, "" to close without
/// one. The last script's connection is kept until the peer ends it.
class ScriptedServer {
  public:
    explicit ScriptedServer(std::vector<Script> scripts)
        : listener_(listen_on(0)), thread_([this, scripts = std::move(scripts)] {
              for (const Script& script : scripts) serve(script);
          }) {}
    ~ScriptedServer() {
        ::shutdown(listener_.get(), SHUT_RDWR);
        ::shutdown(serving_, SHUT_RDWR);  // the client keeps it otherwise
        thread_.join();
    }

    [[nodiscard]] std::string url() const {
        return "http://127.0.0.1:" + std::to_string(port_of(listener_)) + "/";
    }
    [[nodiscard]] int requests() const { return requests_; }
    [[nodiscard]] int connections() const { return connections_; }

  private:
    void serve(const Script& script) {
        const FileDescriptor connection(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (connection.get() < 0) return;
        ++connections_;
        serving_ = connection.get();
        for (const std::string& answer : script) {
            if (!read_request(connection)) return;
            ++requests_;
            if (answer.empty() || !send_all(connection, answer)) return;
        }
        char byte = 0;
        while (::recv(connection.get(), &byte, 1, 0) > 0) {
        }
    }
    /// False when the peer has closed.
    static bool read_request(const FileDescriptor& connection) {
        std::string text;
        while (!text.ends_with("}")) {  // the event's end
            char bytes[4096];
            const ssize_t size = ::recv(connection.get(), bytes, sizeof bytes, 0);
            if (size <= 0) return false;
            text.append(bytes, static_cast<std::size_t>(size));
        }
        return true;
    }

    FileDescriptor listener_;
    std::atomic<int> requests_ = 0;
    std::atomic<int> connections_ = 0;
    std::atomic<int> serving_ = -1;
    std::thread thread_;
};

class WebhookHttpTest : public ::testing::Test {
  protected:
    std::unique_ptr<Sink> open_at(const std::string& uri, const std::string& options = "") {
        const std::string json = R"({"uri":")" + uri + "\"" + options + "}";
        return type_.open(StreamId{1}, type_.parse(json, std::nullopt).value().json);
    }
    DeliveryResult deliver(Sink& sink, std::int64_t id) {
        return settlements_.try_one(sink, make_sink_event(id));
    }

    Settlements settlements_;
    WebhookSinkType type_{{"127.0.0.0/8"}};
};

TEST_F(WebhookHttpTest, RepeatsARequestThatMetADeadConnection) {
    ScriptedServer server({{std::string(kFine), ""}, {std::string(kFine)}});
    const auto sink = open_at(server.url());
    ASSERT_EQ(deliver(*sink, 1).outcome, Outcome::delivered);
    EXPECT_EQ(deliver(*sink, 2).outcome, Outcome::delivered)
        << "that a kept connection dies is nobody's attempt";
    EXPECT_EQ(server.connections(), 2);
    EXPECT_EQ(server.requests(), 3);
}

TEST_F(WebhookHttpTest, CountsANewConnectionThatGivesNoAnswerAsAnAttempt) {
    ScriptedServer server({{""}, {std::string(kFine)}});
    const auto sink = open_at(server.url());
    const DeliveryResult result = deliver(*sink, 1);
    EXPECT_EQ(result.outcome, Outcome::failed);
    EXPECT_EQ(result.reason, "The webhook closed the connection without an answer.");
    EXPECT_EQ(deliver(*sink, 1).outcome, Outcome::delivered);
}

TEST_F(WebhookHttpTest, KeepsAConnectionOverEveryKindOfBody) {
    ScriptedServer server(
        {{"HTTP/1.1 204 No Content\r\n\r\n",
          "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: "
          "chunked\r\n\r\n4\r\nfine\r\n0\r\n\r\n",
          "HTTP/1.1 500 no\r\nContent-Length: 3\r\n\r\nbad",
          "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n", std::string(kFine)}});
    const auto sink = open_at(server.url());
    std::vector<std::string> bodies;
    for (std::int64_t id = 1; id <= 5; ++id) bodies.push_back(deliver(*sink, id).response);
    EXPECT_THAT(bodies, ::testing::ElementsAre("", "fine", "bad", "", "ok"));
    EXPECT_EQ(server.connections(), 1);
}

TEST_F(WebhookHttpTest, UsesNoConnectionAgainThatIsNotToBeTrusted) {
    ScriptedServer server({{"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"},
                           {"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"},
                           {std::string(kFine) + "and more"},
                           {"gibberish\r\n"},
                           {std::string(kFine)}});
    const auto sink = open_at(server.url());
    for (std::int64_t id = 1; id <= 3; ++id) EXPECT_EQ(deliver(*sink, id).outcome, Outcome::delivered);
    const DeliveryResult result = deliver(*sink, 4);
    EXPECT_EQ(result.outcome, Outcome::failed);
    EXPECT_EQ(result.reason, "The webhook's answer is not HTTP, or cut short.");
    EXPECT_EQ(deliver(*sink, 5).outcome, Outcome::delivered);
    EXPECT_EQ(server.connections(), 5);
}

TEST_F(WebhookHttpTest, SharesConnectionsAmongTheStreamsOfAHost) {
    HttpReceiver receiver;
    const auto one = open_at(receiver.url("/one"));
    const auto two = open_at(receiver.url("/two?x=%20y"));
    for (std::int64_t id = 1; id <= 6; ++id) {
        EXPECT_EQ(deliver(id % 2 == 0 ? *one : *two, id).outcome, Outcome::delivered);
    }
    EXPECT_EQ(receiver.connections_accepted(), 1U);
    EXPECT_EQ(receiver.requests()[0].target, "/two?x=%20y");
    EXPECT_EQ(receiver.requests()[1].target, "/one");
    EXPECT_EQ(receiver.requests()[0].header("host"), "127.0.0.1:" + std::to_string(receiver.port()));
}

TEST_F(WebhookHttpTest, KeepsAtHandWhatIsBeyondItsWindow) {
    HttpReceiver receiver;
    receiver.answer_with({.way = Reply::Way::hang});
    Settlements never;
    const auto sink = open_at(receiver.url("/"), R"(,"maxInFlight":3)");
    EXPECT_EQ(sink->window(), 6U);
    for (std::int64_t id = 1; id <= 6; ++id) sink->deliver(never.delivery_of(make_sink_event(id)));
    ASSERT_TRUE(receiver.wait_for(3));
    receiver.stop();  // the three are lost, and so are the others' attempts to connect
    EXPECT_TRUE(never.wait_for(6));
    EXPECT_EQ(receiver.requests().size(), 3U);
}

TEST_F(WebhookHttpTest, SendsBodiesThatDoNotFitIntoASocket) {
    HttpReceiver receiver;
    const auto sink = open_at(receiver.url("/"));
    const EventPtr event = make_sink_event(1, "\"" + std::string(8 << 20, 'x') + "\"");
    EXPECT_EQ(settlements_.try_one(*sink, event).outcome, Outcome::delivered);
    EXPECT_EQ(receiver.requests()[0].body, event->json);
}

TEST_F(WebhookHttpTest, AHostThatIsNotThereFailsEachEventOnce) {
    const auto sink = open_at("http://127.0.0.1:" + std::to_string(free_port()) + "/", R"(,"maxInFlight":2)");
    Settlements all;
    for (std::int64_t id = 1; id <= 4; ++id) sink->deliver(all.delivery_of(make_sink_event(id)));
    ASSERT_TRUE(all.wait_for(4));
    for (const auto& [id, result] : all.all()) {
        EXPECT_EQ(result.outcome, Outcome::failed);
        EXPECT_EQ(result.reason, "The webhook's host does not take connections.");
    }
}

}  // namespace
}  // namespace headwater::testing
