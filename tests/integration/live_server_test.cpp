#include "ws/live_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/support/eventually.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/live_server_fixture.hpp"

namespace headwater::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string cursor_of(std::int64_t position, const std::string& rest = "") {
    return "{\"cursor\":\"" + std::to_string(position) + "\"" + rest + "}";
}

constexpr const char* kFresh = ",\"recovered\":false,\"gap\":false";
constexpr const char* kRecovered = ",\"recovered\":true,\"gap\":false";

ws::LiveOptions quick() {
    ws::LiveOptions options;
    options.ping_interval = options.sse_comment_interval = options.cursor_interval = 50ms;
    options.pong_timeout = 100ms;
    return options;
}

/// Sends large events until a connection was given up for being slow.
void flood(LiveServerFixture& f) {
    const std::string payload = "\"" + std::string(50'000, 'x') + "\"";
    ASSERT_TRUE(eventually(30s, [&] {
        for (int i = 0; i < 20; ++i) f.emit("a", payload);
        return f.metrics.closed("slow") > 0;
    }));
}

/// An EventSource by hand.
class RawEventStream {
  public:
    explicit RawEventStream(std::uint16_t port, const HttpHeaders& headers = {}) : client_(port) {
        std::string request = "GET / HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n";
        for (const auto& [name, value] : headers) request += name + ": " + value + "\r\n";
        client_.send(request + "\r\n");
        head = client_.read_head().value_or(HttpHead{});
    }
    /// The next message, without the empty line behind it.
    std::string read() { return client_.read_until("\n\n").value_or("(nothing)"); }
    std::string read_event() {
        std::string message = ":";
        while (message == ":") message = read();
        return message;
    }
    [[nodiscard]] bool sees_end() { return client_.sees_end(); }
    HttpHead head;

  private:
    HttpClient client_;
};

TEST(LiveServerWebSocket, SendsTheCursorFirstThenEachMatchingEvent) {
    LiveServerFixture f;
    RawWebSocket socket(f.port, {{"X-Types", "a:*"}});
    EXPECT_EQ(socket.head().first_line, "HTTP/1.1 101 Switching Protocols");
    EXPECT_EQ(find_header(socket.head().headers, "Sec-WebSocket-Accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    EXPECT_EQ(find_header(socket.head().headers, "X-Request-Id"), "req-1");
    EXPECT_EQ(socket.read_text(), cursor_of(0, kFresh));
    f.emit("b");
    const auto event = f.emit("a:1");
    const auto ephemeral = f.emit("a:2", "2", true);
    const auto large = f.emit("a:3", "\"" + std::string(100'000, 'x') + "\"");
    EXPECT_EQ(socket.read_text(), event->json);
    EXPECT_EQ(socket.read_text(), ephemeral->json);
    EXPECT_EQ(socket.read_text(), large->json);
}

TEST(LiveServerWebSocket, ReplaysHistoryFromTheLogThenGoesOnLive) {
    LiveHub::Options options;
    options.broadcast.recent = {.bytes = 1 << 20, .events = 10};
    options.history = {.page_events = 7};
    LiveServerFixture f({}, options);
    std::vector<EventPtr> events;
    for (int i = 0; i < 100; ++i) events.push_back(f.emit("a"));
    RawWebSocket socket(f.port, {{"X-Since", "10"}});
    for (int i = 0; i < 20; ++i) events.push_back(f.emit("a"));
    EXPECT_EQ(socket.read_text(), cursor_of(10, kRecovered));
    for (std::size_t i = 10; i < events.size(); ++i) ASSERT_EQ(socket.read_text(), events[i]->json);
}

TEST(LiveServerWebSocket, AnswersPingsAndTheClosingHandshake) {
    LiveServerFixture f;
    RawWebSocket socket(f.port);
    (void)socket.read_text();
    socket.send_frame(0x80 | RawWebSocket::kPing, "hello");
    const auto pong = socket.read_frame();
    ASSERT_TRUE(pong);
    EXPECT_EQ(pong->opcode, RawWebSocket::kPong);
    EXPECT_EQ(pong->payload, "hello");
    socket.send_frame(0x80 | RawWebSocket::kClose,
                      "\x0b\xb8"
                      "bye");
    EXPECT_EQ(socket.read_close(), 3000);
    EXPECT_TRUE(socket.sees_end());
}

TEST(LiveServerWebSocket, ClosesWithTheCodeOfTheViolation) {
    LiveServerFixture f;
    const auto code_after = [&](const std::function<void(RawWebSocket&)>& act) {
        RawWebSocket socket(f.port);
        act(socket);
        const unsigned code = socket.read_close();
        EXPECT_TRUE(socket.sees_end());
        return code;
    };
    EXPECT_EQ(code_after([](auto& s) { s.send_bytes("\x81\x01x"); }), 1002);
    EXPECT_EQ(code_after([](auto& s) { s.send_frame(0x83, ""); }), 1002);
    EXPECT_EQ(code_after([](auto& s) { s.send_frame(0x82, "x"); }), 1003);
    EXPECT_EQ(code_after([](auto& s) { s.send_frame(0x01, "\xff"); }), 1007);
    EXPECT_EQ(code_after([](auto& s) { s.send_text(std::string(65537, 'x')); }), 1009);
}

TEST(LiveServerWebSocket, ChangesItsFiltersOnTheOpenSocket) {
    LiveServerFixture f;
    RawWebSocket socket(f.port, {{"X-Types", "a"}});
    EXPECT_EQ(socket.read_text(), cursor_of(0, kFresh));
    socket.send_text(R"({"subscribe":["b:**"]})");
    EXPECT_EQ(socket.read_text(), cursor_of(0)) << "a change is answered by the cursor from which it holds";
    const auto added = f.emit("b:c:d");
    EXPECT_EQ(socket.read_text(), added->json);
    socket.send_text(R"({"unsubscribe":["a"]})");
    EXPECT_EQ(socket.read_text(), cursor_of(1));
    f.emit("a");
    EXPECT_EQ(socket.read_text(), f.emit("b:x")->json);
    for (const auto* bad : {R"({"subscribe":["x::y"]})", R"({"unsubscribe":["z"]})", "nonsense"}) {
        socket.send_text(bad);
        EXPECT_THAT(socket.read_text(), StartsWith("{\"error\":\""));
    }
    EXPECT_EQ(socket.read_text(), f.emit("b:x")->json) << "a mistake closes nothing";
}

TEST(LiveServerWebSocket, PingsAndEndsWhoeverDoesNotAnswer) {
    auto options = quick();
    options.cursor_interval = 10s;
    LiveServerFixture f(options);
    RawWebSocket socket(f.port);
    (void)socket.read_text();
    for (int i = 0; i < 3; ++i) {
        const auto ping = socket.read_frame();
        ASSERT_TRUE(ping);
        EXPECT_EQ(ping->opcode, RawWebSocket::kPing);
        socket.send_frame(0x80 | RawWebSocket::kPong, ping->payload);
    }
    EXPECT_TRUE(socket.sees_end());
    EXPECT_TRUE(eventually(10s, [&] { return f.server.connections() == 0; }));
}

TEST(LiveServerWebSocket, PingsHoweverLongTheIntervalIsBesideTheShortestTimeout) {
    auto options = quick();
    options.linger_timeout = 2ms;  // the wheel's tick follows the shortest
    options.ping_interval = options.cursor_interval = 500ms;
    LiveServerFixture f(options);
    RawWebSocket socket(f.port);
    (void)socket.read_text();
    bool has_ping = false;
    bool has_cursor = false;
    while (!has_ping || !has_cursor) {
        const auto frame = socket.read_frame();
        ASSERT_TRUE(frame);
        has_ping |= frame->opcode == RawWebSocket::kPing;
        has_cursor |= frame->opcode == RawWebSocket::kText;
        if (frame->opcode == RawWebSocket::kPing)
            socket.send_frame(0x80 | RawWebSocket::kPong, frame->payload);
    }
}

TEST(LiveServerWebSocket, TellsAQuietClientItsCursor) {
    auto options = quick();
    options.pong_timeout = 10s;
    LiveServerFixture f(options);
    RawWebSocket socket(f.port, {{"X-Types", "a"}});
    EXPECT_EQ(socket.read_text(), cursor_of(0, kFresh));
    f.emit("b");
    std::string cursor = cursor_of(0);
    while (cursor == cursor_of(0)) cursor = socket.read_text();
    EXPECT_EQ(cursor, cursor_of(1));
}

TEST(LiveServerWebSocket, ClosesASlowConsumerWithTheCursorAndNobodyElse) {
    LiveServerFixture f;
    RawWebSocket slow(f.port);
    RawWebSocket good(f.port);
    (void)slow.read_text();
    (void)good.read_text();
    const std::string payload = "\"" + std::string(50'000, 'x') + "\"";
    while (f.metrics.closed("slow") == 0) ASSERT_EQ(good.read_text(), f.emit("a", payload)->json);
    EXPECT_EQ(good.read_text(), f.emit("a")->json);
}

TEST(LiveServerWebSocket, TellsASlowConsumerWhereToResume) {
    LiveServerFixture f;
    RawWebSocket slow(f.port);
    (void)slow.read_text();
    flood(f);
    std::string last;
    auto frame = slow.read_frame();
    for (; frame && frame->opcode == RawWebSocket::kText; frame = slow.read_frame()) last = frame->payload;
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->opcode, RawWebSocket::kClose);
    EXPECT_EQ(frame->payload.substr(0, 2), "\x0f\xa8");
    EXPECT_THAT(last, StartsWith("{\"id\":\"" + frame->payload.substr(2) + "\""));
}

TEST(LiveServerWebSocket, TakesEventsThatAreLargerThanTheBuffer) {
    LiveServerFixture f;
    RawWebSocket socket(f.port);
    (void)socket.read_text();
    const auto large = f.emit("a", "\"" + std::string(3 << 20, 'x') + "\"");
    EXPECT_EQ(socket.read_text(), large->json);
}

TEST(LiveServerWebSocket, AnswersTryAgainLaterWhenHistoryCannotBeRead) {
    LiveHub::Options options;
    options.broadcast.recent = {.bytes = 1 << 20, .events = 1};
    LiveServerFixture f({}, options);
    for (int i = 0; i < 10; ++i) f.emit("a");
    f.log.set_away(true);
    RawWebSocket socket(f.port, {{"X-Since", "1"}});
    EXPECT_EQ(socket.read_close(), 1013);
    RawEventStream stream(f.port, {{"X-Since", "1"}});
    EXPECT_THAT(stream.head.first_line, StartsWith("HTTP/1.1 200 "));
    EXPECT_THAT(stream.read_event(), StartsWith("retry: "));
    EXPECT_TRUE(stream.sees_end());
}

TEST(LiveServerEventStream, SendsCommentCursorAndEvents) {
    LiveServerFixture f;
    f.emit("a");
    RawEventStream stream(f.port, {{"X-Types", "a"}});
    EXPECT_EQ(stream.head.first_line, "HTTP/1.1 200 OK");
    EXPECT_EQ(find_header(stream.head.headers, "Content-Type"), "text/event-stream");
    EXPECT_EQ(find_header(stream.head.headers, "Cache-Control"), "no-cache");
    EXPECT_EQ(find_header(stream.head.headers, "X-Accel-Buffering"), "no");
    EXPECT_EQ(find_header(stream.head.headers, "X-Request-Id"), "req-1");
    EXPECT_EQ(find_header(stream.head.headers, "X-Further"), "field");
    EXPECT_EQ(stream.read(), ":");
    EXPECT_EQ(stream.read(), "event: cursor\nid: 1\ndata: " + cursor_of(1, kFresh));
    const auto event = f.emit("a");
    EXPECT_EQ(stream.read(), "id: 2\ndata: " + event->json);
    const auto ephemeral = f.emit("a", "1", true);
    EXPECT_EQ(stream.read(), "data: " + ephemeral->json);
}

TEST(LiveServerEventStream, NamesEventsWhenAskedAndResumes) {
    LiveServerFixture f;
    const auto first = f.emit("a");
    const auto second = f.emit("a");
    RawEventStream stream(f.port, {{"X-Since", "1"}, {"X-Named", "yes"}});
    EXPECT_EQ(stream.read_event(), "event: cursor\nid: 1\ndata: " + cursor_of(1, kRecovered));
    EXPECT_EQ(stream.read_event(), "id: 2\nevent: a\ndata: " + second->json);
}

TEST(LiveServerEventStream, KeepsAQuietConnectionAlive) {
    LiveServerFixture f(quick());
    RawEventStream stream(f.port, {{"X-Types", "a"}});
    (void)stream.read_event();
    f.emit("b");
    bool has_comment = false;
    bool has_cursor = false;
    while (!has_comment || !has_cursor) {
        const std::string message = stream.read();
        ASSERT_NE(message, "(nothing)");
        has_comment |= message == ":";
        has_cursor |= message == "id: 1";
    }
}

TEST(LiveServerEventStream, EndsASlowConsumerWithRetry) {
    LiveServerFixture f;
    RawEventStream slow(f.port);
    (void)slow.read_event();
    flood(f);
    std::string last;
    for (std::string message = slow.read_event(); message != "(nothing)"; message = slow.read_event())
        last = message;
    EXPECT_THAT(last, StartsWith("retry: "));
}

TEST(LiveServerEventStream, NoticesThatTheClientHasGone) {
    LiveServerFixture f;
    {
        RawEventStream stream(f.port);
        (void)stream.read_event();
        EXPECT_EQ(f.server.connections(), 1);
    }
    EXPECT_TRUE(eventually(10s, [&] { return f.server.connections() == 0; }));
}

TEST(LiveServerWebSocket, TakesAHundredFiltersAndNoMore) {
    LiveServerFixture f;
    RawWebSocket socket(f.port, {{"X-Types", "a"}});
    (void)socket.read_text();
    const auto subscribe = [&](int from, int to) {
        std::string filters;
        for (int i = from; i <= to; ++i) filters += (i > from ? ",\"t" : "\"t") + std::to_string(i) + "\"";
        socket.send_text("{\"subscribe\":[" + filters + "]}");
        return socket.read_text();
    };
    EXPECT_THAT(subscribe(1, 100), StartsWith("{\"error\":\"")) << "with the one it came with they are 101";
    EXPECT_EQ(subscribe(1, 99), cursor_of(0));
    EXPECT_THAT(subscribe(100, 100), StartsWith("{\"error\":\""));
    EXPECT_EQ(socket.read_text(), f.emit("t99")->json);
}

TEST(LiveServerWebSocket, ResumesAStormFromTheLogWithFewQueriesAndNothingMissing) {
    LiveHub::Options options;
    options.broadcast.recent = {.bytes = 1 << 20, .events = 10};
    LiveServerFixture f({}, options);
    f.log.set_step(1ms);
    std::vector<EventPtr> events;
    for (int i = 0; i < 300; ++i) events.push_back(f.emit("a"));
    constexpr std::size_t kClients = 300;
    const auto since_of = [](std::size_t client) { return 1 + client * 7 % 100; };
    for (int round = 0; round < 3; ++round) {
        std::vector<std::unique_ptr<RawWebSocket>> storm;
        for (std::size_t i = 0; i < kClients; ++i) {
            storm.push_back(std::make_unique<RawWebSocket>(
                f.port, HttpHeaders{{"X-Since", std::to_string(since_of(i))}}, 30s));
            if (i % 50 == 0) events.push_back(f.emit("a"));
        }
        for (std::size_t i = 0; i < kClients; ++i) {
            EXPECT_THAT(storm[i]->read_text(), HasSubstr("\"recovered\":true"));
            for (std::size_t at = since_of(i); at < events.size(); ++at) {
                ASSERT_EQ(storm[i]->read_text(), events[at]->json) << "client " << i << ", round " << round;
            }
        }
    }
    EXPECT_LT(f.log.queries(), kClients) << "900 resumes, of which none is a query of its own";
}

TEST(LiveServer, TurnsAwayWhoeverIsTooMany) {
    LiveServerFixture f({}, {}, {.total = 1, .per_address = 1});
    RawWebSocket first(f.port);
    (void)first.read_text();
    RawWebSocket second(f.port);
    EXPECT_EQ(second.read_close(), 1013);
    RawEventStream third(f.port);
    EXPECT_THAT(third.head.first_line, StartsWith("HTTP/1.1 200 "))
        << "anything else ends an EventSource for good";
    EXPECT_THAT(third.read_event(), StartsWith("retry: "));
    EXPECT_TRUE(third.sees_end());
    EXPECT_EQ(first.read_text(), f.emit("a")->json);
}

TEST(LiveServer, SaysGoodbyeWhenItStops) {
    LiveServerFixture f;
    RawWebSocket socket(f.port);
    (void)socket.read_text();
    RawEventStream stream(f.port);
    (void)stream.read_event();
    std::jthread stopping([&] { f.server.stop(std::chrono::steady_clock::now() + 10s); });
    EXPECT_EQ(socket.read_close(), 1012);
    socket.send_frame(0x80 | RawWebSocket::kClose, "\x03\xf4");
    EXPECT_TRUE(socket.sees_end());
    EXPECT_THAT(stream.read_event(), StartsWith("retry: "));
    EXPECT_TRUE(stream.sees_end());
    stopping.join();
    RawWebSocket late(f.port);
    EXPECT_EQ(late.read_close(), 1012);
}

TEST(LiveServer, SendsEventStreamsAwayForDifferentTimes) {
    LiveServerFixture f;
    std::vector<std::unique_ptr<RawEventStream>> streams;
    for (int i = 0; i < 20; ++i) {
        streams.push_back(std::make_unique<RawEventStream>(f.port));
        (void)streams.back()->read_event();
    }
    f.server.stop(std::chrono::steady_clock::now() + 10s);
    std::set<int> waits;
    for (const auto& stream : streams) {
        const std::string message = stream->read_event();
        ASSERT_THAT(message, StartsWith("retry: "));
        waits.insert(std::stoi(message.substr(7)));
    }
    EXPECT_GE(*waits.begin(), 1000);
    EXPECT_LE(*waits.rbegin(), 5000);
    EXPECT_GT(waits.size(), 10U) << "they must not all come back at once";
}

TEST(LiveServer, CutsOffAtTheDeadlineWhoeverStays) {
    LiveServerFixture f;
    RawWebSocket silent(f.port);
    (void)silent.read_text();
    f.server.stop(std::chrono::steady_clock::now());
    EXPECT_EQ(f.server.connections(), 0);
}

TEST(LiveServer, BringsEveryEventToEverybodyInOrder) {
    LiveServerFixture f;
    std::vector<std::unique_ptr<RawWebSocket>> sockets;
    for (int i = 0; i < 100; ++i) {
        sockets.push_back(
            std::make_unique<RawWebSocket>(f.port, HttpHeaders{{"X-Types", i % 2 == 0 ? "a" : "a,b"}}));
        (void)sockets.back()->read_text();
    }
    std::vector<EventPtr> events;
    for (int i = 0; i < 300; ++i) events.push_back(f.emit(i % 3 == 0 ? "b" : "a"));
    for (std::size_t i = 0; i < sockets.size(); ++i) {
        for (const auto& event : events) {
            if (i % 2 == 0 && event->type == "b") continue;
            ASSERT_EQ(sockets[i]->read_text(), event->json) << "socket " << i;
        }
    }
}

}  // namespace
}  // namespace headwater::testing
