// What clients do that mean no good, over the whole public port: each gets an answer or an end, and the
// others are served meanwhile.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "rest/compression.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/headwater_process.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/http_server_fixture.hpp"
#include "tests/support/live_server_fixture.hpp"

namespace headwater::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::AnyOf;
using ::testing::HasSubstr;

constexpr std::string_view kGet = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";

std::string chunked(std::string_view chunks) {
    return "POST /api/events/send HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
           "Transfer-Encoding: chunked\r\n\r\n" +
           std::string(chunks);
}

void expect_served(const HttpServerFixture& f) {
    EXPECT_EQ(f.request("GET", "/healthz").status, 200);
}

/// One answer, a refusal, and the end: whatever stands behind a request that is not understood is not run.
void expect_refused(const HttpServerFixture& f, const std::string& bytes) {
    HttpClient client = f.connect();
    client.send(bytes + std::string(kGet));
    const auto answer = client.read_answer();
    ASSERT_TRUE(answer) << bytes;
    EXPECT_THAT(answer->status, AnyOf(400, 505)) << bytes;  // 505: a version that is none
    EXPECT_TRUE(client.sees_end()) << bytes;
    EXPECT_FALSE(client.read_answer()) << "a second answer to " << bytes;
}

TEST(HostileClients, CannotSmuggleARequestPastAnotherReader) {
    HttpServerFixture f;
    const std::string line = "GET /healthz HTTP/1.1\r\nHost: x\r\n";
    for (const std::string& bytes : std::vector<std::string>{
             line + "X-Folded: a\r\n b\r\n\r\n",
             line + "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
             line + "X-A: b\n\r\n",
             line + "X-A: b\nContent-Length: 5\r\n\r\n",
             line + "X-A: b\rContent-Length: 5\r\n\r\n",
             line + "X-A: b" + std::string(1, '\0') + "c\r\n\r\n",
             line + "X" + std::string(1, '\0') + "A: b\r\n\r\n",
             line + "Content-Length : 5\r\n\r\n",
             line + "Content-Length\t: 5\r\n\r\n",
             line + " Content-Length: 5\r\n\r\n",
             line + ": empty\r\n\r\n",
             line + "Transfer-Encoding: \x0b"
                    "chunked\r\n\r\n0\r\n\r\n",
             line + "Transfer-Encoding: xchunked\r\n\r\n",
             line + "Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n",
             line + "Content-Length: 18446744073709551616\r\n\r\n",
             line + "Content-Length: 1 2\r\n\r\n",
             line + "Content-Length: \r\n\r\n",
             "GET /healthz HTTP/1.1\nHost: x\n\n",
             "GET /healthz\tHTTP/1.1\r\nHost: x\r\n\r\n",
             "GET /healthz HTTP/1.1 \r\nHost: x\r\n\r\n",
             "GET /healthz HTTP/01.1\r\nHost: x\r\n\r\n",
             "GET /healthz http/1.1\r\nHost: x\r\n\r\n",
             "G\x01T /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
             "GET /hea\nlthz HTTP/1.1\r\nHost: x\r\n\r\n",
             "GET /healthz HTTP/1.1\r\nHost: x/y\r\n\r\n",
             "GET /healthz HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n",
             chunked("1ffffffffffffffff\r\na\r\n0\r\n\r\n"),
             chunked("-1\r\na\r\n0\r\n\r\n"),
             chunked("0x1\r\na\r\n0\r\n\r\n"),
             chunked("1\na\n0\n\n"),
             chunked("1\r\nab\r\n0\r\n\r\n"),
             chunked(" 1\r\na\r\n0\r\n\r\n"),
             chunked("1;a\nb\r\na\r\n0\r\n\r\n"),
             chunked("\r\n"),
             chunked(";\r\n"),
         }) {
        expect_refused(f, bytes);
    }
    expect_served(f);
    EXPECT_EQ(f.log.size(), 0U);
}

TEST(HostileClients, MayFloodWithChunkExtensionsAndTrailersInVain) {
    HttpServerFixture f;
    const std::string noise(60'000, 'x');
    HttpClient small = f.connect();
    std::string chunks;
    for (const char byte : std::string_view(R"({"type":"a:b","payload":1})")) {
        chunks += fmt::format("1;{}\r\n{}\r\n", noise.substr(0, 2'000), byte);
    }
    small.send(chunked(chunks + "0\r\n\r\n"));
    EXPECT_EQ(small.read_answer("POST").value_or(HttpAnswer{}).status, 201);
    for (const std::string& bytes :
         {chunked("1;" + noise + noise), chunked("1" + noise + noise), chunked("0\r\nX: " + noise + noise)}) {
        HttpClient client = f.connect();
        client.send(bytes);
        EXPECT_EQ(client.read_answer("POST").value_or(HttpAnswer{}).status, 400) << bytes.substr(120, 20);
        EXPECT_TRUE(client.sees_end());
    }
    expect_served(f);
}

TEST(HostileClients, DoNotMakeTheServerInflateABomb) {
    HttpServerFixture f;
    std::string bomb;
    const std::string member = rest::gzip(std::string(10'000'000, ' '));
    for (int i = 0; i < 100; ++i) bomb += member;  // a gigabyte
    const HttpHeaders headers{{"Content-Type", "application/json"}, {"Content-Encoding", "gzip"}};
    EXPECT_EQ(f.request("POST", "/api/events/send", bomb, headers).status, 413);
    EXPECT_EQ(f.request("PUT", "/api/events/register", bomb.substr(0, 900'000), headers).status, 413);
    EXPECT_EQ(f.request("POST", "/api/events/send", member.substr(0, 5'000), headers).status, 400);
    expect_served(f);
}

TEST(HostileClients, ThatPipelineWithoutEndKeepNobodyWaiting) {
    HttpServerFixture f;
    std::atomic<bool> is_over = false;
    std::jthread flood([&] {
        HttpClient client = f.connect();
        std::string many;
        for (int i = 0; i < 1'000; ++i) many += kGet;
        while (!is_over && client.send(many)) {
            for (int i = 0; i < 1'000; ++i)
                EXPECT_EQ(client.read_answer().value_or(HttpAnswer{}).status, 200);
        }
    });
    for (int i = 0; i < 200; ++i) expect_served(f);
    is_over = true;
}

TEST(HostileClients, ThatResetInAnyPhaseLeaveNothingBehind) {
    HttpServerFixture f;
    const std::string body = R"({"type":"a:b","payload":1})";
    const std::string whole =
        "POST /api/events/send HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" +
        fmt::format("Content-Length: {}\r\n\r\n", body.size()) + body;
    for (std::size_t size = 0; size <= whole.size(); size += 3) {
        HttpClient client = f.connect();
        client.send(whole.substr(0, size));
        client.abort();
    }
    for (const int bytes_read : {1, 100, 30'000}) {
        HttpClient client = f.connect();
        client.send("GET /openapi.yaml HTTP/1.1\r\nHost: x\r\n\r\n");
        (void)client.read_exactly(static_cast<std::size_t>(bytes_read));
        client.abort();
    }
    for (const std::string& begun : {std::string(), whole.substr(0, 40), whole.substr(0, whole.size() - 2)}) {
        HttpClient half = f.connect();
        half.send(begun);
        half.finish_sending();
        EXPECT_TRUE(half.sees_end());
    }
    EXPECT_TRUE(eventually(10s, [&] { return f.server.wait_until_drained(0ms); }));
    expect_served(f);
}

TEST(HostileClients, ThatBeginLargeBodiesAndDoNotEndThemShareABudget) {
    rest::ServerOptions options;
    options.held_bytes = 4 << 20;
    HttpServerFixture f(options);
    const std::string begun = "POST /api/events/send HTTP/1.1\r\nHost: x\r\nContent-Length: 4000000\r\n\r\n" +
                              std::string(1'000'000, ' ');
    std::vector<HttpClient> clients;
    int refused = 0;
    for (int i = 0; i < 8; ++i) {
        clients.push_back(f.connect());
        clients.back().send(begun);
    }
    EXPECT_TRUE(eventually(10s, [&] { return f.request("GET", "/healthz").status == 200; }));
    for (HttpClient& client : clients) client.finish_sending();
    for (HttpClient& client : clients) {
        const auto answer = client.read_answer("POST");
        if (!answer) continue;  // it gave up in the middle of its body
        EXPECT_EQ(answer->status, 503);
        EXPECT_THAT(answer->body, HasSubstr("Too many large requests are under way."));
        ++refused;
    }
    EXPECT_GE(refused, 1);
    EXPECT_LT(refused, 8);
    const std::string honest = R"({"type":"a:b","payload":")" + std::string(900'000, 'x') + "\"}";
    EXPECT_TRUE(eventually(10s, [&] { return f.send_json(honest).status == 201; }));
}

TEST(HostileClients, ThatDoNotReadTheirAnswersShareABudget) {
    rest::ServerOptions options;
    options.held_bytes = 100'000;
    HttpServerFixture f(options);
    std::string many;
    for (int i = 0; i < 300; ++i) many += "GET /openapi.yaml HTTP/1.1\r\nHost: x\r\n\r\n";
    std::vector<HttpClient> deaf;
    for (int i = 0; i < 8; ++i) {
        deaf.push_back(f.connect());
        deaf.back().send(many);
    }
    int ended = 0;
    for (HttpClient& client : deaf) {
        int answers = 0;
        while (client.read_answer()) ++answers;
        if (answers < 300) ++ended;
    }
    EXPECT_GT(ended, 0);
    expect_served(f);
}

/// An honest subscriber beside the hostile one: it must get what is emitted.
class Witness {
  public:
    explicit Witness(LiveServerFixture& f) : fixture_(f), socket_(f.port, {{"X-Types", "witness"}}) {
        EXPECT_NE(socket_.read_text(), "");
    }
    void expect_served() {
        const auto event = fixture_.emit("witness");
        EXPECT_EQ(socket_.read_text(), event->json);
    }

  private:
    LiveServerFixture& fixture_;
    RawWebSocket socket_;
};

std::string masked(unsigned first_byte, const std::string& payload) {
    std::string frame(1, static_cast<char>(first_byte));
    frame += static_cast<char>(0x80 | payload.size());
    return frame + std::string(4, '\0') + payload;
}

TEST(HostileClients, ThatFloodWithPingsAndReadAreAnswered) {
    LiveServerFixture f;
    Witness witness(f);
    RawWebSocket socket(f.port, {{"X-Types", "none"}});
    EXPECT_NE(socket.read_text(), "");
    std::string pings;
    for (int i = 0; i < 1'000; ++i) pings += masked(0x89, "are you there?");
    for (int round = 0; round < 20; ++round) {
        ASSERT_TRUE(socket.send_bytes(pings));
        for (int i = 0; i < 1'000; ++i) {
            const auto pong = socket.read_frame();
            ASSERT_TRUE(pong);
            ASSERT_EQ(pong->opcode, RawWebSocket::kPong);
        }
        witness.expect_served();
    }
}

TEST(HostileClients, ThatFloodWithPingsAndDoNotReadAreClosed) {
    ws::LiveOptions options;
    options.live_buffer_bytes = 64 << 10;
    options.close_timeout = 200ms;
    LiveServerFixture f(options);
    Witness witness(f);
    RawWebSocket socket(f.port);
    std::string pings;
    for (int i = 0; i < 1'000; ++i) pings += masked(0x89, std::string(120, 'p'));
    int rounds = 0;
    while (socket.send_bytes(pings) && ++rounds < 1'000) continue;
    EXPECT_LT(rounds, 1'000) << "a hundred megabytes of pongs are not kept";
    EXPECT_EQ(f.metrics.closed("slow"), 1);
    witness.expect_served();
}

TEST(HostileClients, MaySendFragmentsOfNothingForEver) {
    LiveServerFixture f;
    Witness witness(f);
    RawWebSocket socket(f.port);
    EXPECT_NE(socket.read_text(), "");
    ASSERT_TRUE(socket.send_bytes(masked(0x01, "")));
    std::string nothing;
    for (int i = 0; i < 10'000; ++i) nothing += masked(0x00, "");
    for (int round = 0; round < 10; ++round) ASSERT_TRUE(socket.send_bytes(nothing));
    ASSERT_TRUE(socket.send_bytes(masked(0x80, R"({"subscribe":["a"]})")));
    EXPECT_THAT(socket.read_text(), HasSubstr("cursor"));
    std::string bytewise = masked(0x01, "{");
    for (int i = 0; i < 70'000; ++i) bytewise += masked(0x00, " ");
    socket.send_bytes(bytewise);
    EXPECT_EQ(socket.read_close(), 1009U);
    witness.expect_served();
}

TEST(HostileClients, ThatChangeAHundredFiltersWithoutEndKeepNobodyWaiting) {
    LiveServerFixture f;
    Witness witness(f);
    std::string list;
    for (int i = 0; i < 100; ++i) list += fmt::format(R"({}"f{}:*:**")", i == 0 ? "" : ",", i);
    const std::string add = R"({"subscribe":[)" + list + "]}";
    const std::string remove = R"({"unsubscribe":[)" + list + "]}";
    RawWebSocket socket(f.port, {{"X-Types", "none"}});
    EXPECT_NE(socket.read_text(), "");
    ASSERT_TRUE(socket.send_text(R"({"unsubscribe":["none"]})"));
    EXPECT_THAT(socket.read_text(), HasSubstr("cursor"));
    for (int round = 0; round < 100; ++round) {
        for (int i = 0; i < 10; ++i) {
            ASSERT_TRUE(socket.send_text(add));
            ASSERT_TRUE(socket.send_text(remove));
        }
        for (int i = 0; i < 20; ++i) ASSERT_THAT(socket.read_text(), HasSubstr("cursor"));
        if (round % 10 == 0) witness.expect_served();
    }
}

TEST(HostileClients, ThatResetLiveConnectionsLeaveNothingBehind) {
    LiveServerFixture f;
    Witness witness(f);
    for (int round = 0; round < 30; ++round) {
        HttpClient client(f.port);
        client.send(round % 2 == 0
                        ? "GET / HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\nX-Types: witness\r\n\r\n"
                        : "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                          "Sec-WebSocket-Version: 13\r\nX-Types: witness\r\n"
                          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
        if (round % 3 != 0) (void)client.read_head();
        if (round % 5 == 0) f.emit("witness", "\"" + std::string(100'000, 'x') + "\"");
        client.abort();
    }
    EXPECT_TRUE(eventually(10s, [&] { return f.server.connections() == 1; }));
}

}  // namespace
}  // namespace headwater::testing
