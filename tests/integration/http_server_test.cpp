#include "rest/server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "rest/compression.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/http_server_fixture.hpp"

namespace headwater::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::string_view kEvent = R"({"type":"a:b","payload":1})";

std::string post(std::string_view body, std::string_view more_headers = "") {
    return "POST /api/events/send HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n" + std::string(more_headers) + "\r\n" + std::string(body);
}

/// The answer to these bytes, and whether the server then ends the connection.
struct Reply {
    int status = 0;
    bool is_closed = false;
    HttpAnswer answer;
};
Reply reply_to(const HttpServerFixture& f, std::string_view bytes, std::string_view method = "GET") {
    HttpClient client = f.connect();
    client.send(bytes);
    Reply reply;
    if (auto answer = client.read_answer(method)) {
        reply.status = answer->status;
        reply.answer = std::move(*answer);
    }
    reply.is_closed = reply.answer.header("Connection") == "close" && client.sees_end();
    return reply;
}

void expect_problem(const HttpAnswer& answer, int status) {
    EXPECT_EQ(answer.status, status) << answer.body;
    EXPECT_EQ(answer.header("Content-Type"), "application/problem+json");
    EXPECT_THAT(answer.body,
                HasSubstr("\"instance\":\"" + answer.header("X-Request-Id").value_or("none") + "\""));
    EXPECT_THAT(answer.body, HasSubstr("\"error\":\""));
}

TEST(HttpServer, KeepsAConnectionForManyRequestsAndNumbersEach) {
    HttpServerFixture f;
    HttpClient client = f.connect();
    std::set<std::string> ids;
    for (int i = 0; i < 5; ++i) {
        const HttpAnswer answer = client.request("GET", "/healthz");
        EXPECT_EQ(answer.status, 200);
        EXPECT_TRUE(answer.header("Date"));
        ids.insert(answer.header("X-Request-Id").value_or(""));
    }
    EXPECT_EQ(ids.size(), 5U);
}

TEST(HttpServer, AnswersPipelinedRequestsInOrder) {
    HttpServerFixture f;
    HttpClient client = f.connect();
    std::string bytes;
    for (int i = 0; i < 50; ++i) bytes += post(kEvent) + "GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n";
    client.send(bytes);
    for (int i = 0; i < 50; ++i) {
        EXPECT_EQ(client.read_answer("POST")->status, 201);
        EXPECT_EQ(client.read_answer()->status, 404);
    }
    EXPECT_EQ(f.log.size(), 50U);
}

TEST(HttpServer, TakesARequestByteByByte) {
    HttpServerFixture f;
    HttpClient client = f.connect();
    for (const char c : post(kEvent)) client.send(std::string_view(&c, 1));
    EXPECT_EQ(client.read_answer("POST")->status, 201);
}

TEST(HttpServer, TakesChunksWithExtensionsAndTrailers) {
    HttpServerFixture f;
    const std::string head =
        "POST /api/events/send HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: "
        "chunked\r\n\r\n";
    HttpClient client = f.connect();
    client.send(head +
                "5;name=value\r\n{\"typ\r\n15\r\ne\":\"a:b\",\"payload\":1}\r\n0\r\nX-Checksum: 3\r\n\r\n");
    EXPECT_EQ(client.read_answer("POST")->status, 201);
    EXPECT_EQ(client.request("GET", "/healthz").status, 200);
}

TEST(HttpServer, RefusesFramingThatTwoReadersCouldReadDifferently) {
    HttpServerFixture f;
    const std::string head = "POST /api/events/send HTTP/1.1\r\nHost: x\r\n";
    for (const std::string framing : {
             "Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
             "Content-Length: 5\r\nContent-Length: 5\r\n\r\nabcde",
             "Content-Length: 5, 5\r\n\r\nabcde",
             "Content-Length: +5\r\n\r\nabcde",
             "Content-Length: -1\r\n\r\n",
             "Content-Length: 0x5\r\n\r\nabcde",
             "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
             "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
             "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
             "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
             "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
             "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
             "Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
             "Transfer-Encoding: chunked\r\n\r\n5\r\nabcdefgh\r\n0\r\n\r\n",
         }) {
        const Reply reply = reply_to(f, head + framing);
        EXPECT_EQ(reply.status, 400) << framing;
        EXPECT_TRUE(reply.is_closed) << framing;
    }
    const Reply old = reply_to(f, "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    EXPECT_EQ(old.status, 400);
    EXPECT_TRUE(old.is_closed);
}

TEST(HttpServer, RefusesWhatIsNotHttp) {
    HttpServerFixture f;
    for (const std::string bytes :
         {"NONSENSE\r\n\r\n", "GET\r\n\r\n", "GET  / HTTP/1.1\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n", "GET / HTTP/1.1\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
          "GET a HTTP/1.1\r\nHost: x\r\n\r\n", "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n",
          "GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n", "GET /?a=%f HTTP/1.1\r\nHost: x\r\n\r\n",
          "GET * HTTP/1.1\r\nHost: x\r\n\r\n"}) {
        const Reply reply = reply_to(f, bytes);
        EXPECT_EQ(reply.status, 400) << bytes;
        if (reply.status == 400) expect_problem(reply.answer, 400);
    }
    EXPECT_EQ(reply_to(f, "GET / HTTP/2.0\r\nHost: x\r\n\r\n").status, 505);
}

TEST(HttpServer, RefusesWhatIsTooLong) {
    HttpServerFixture f;
    const std::string many(200'000, 'y');
    EXPECT_EQ(reply_to(f, "GET /" + many + " HTTP/1.1\r\nHost: x\r\n\r\n").status, 414);
    EXPECT_EQ(reply_to(f, "GET /" + many.substr(0, 9000) + " HTTP/1.1\r\nHost: x\r\n\r\n").status, 414);
    EXPECT_EQ(reply_to(f, "GET / HTTP/1.1\r\nHost: x\r\nX: " + many + "\r\n\r\n").status, 431);
    std::string fields;
    for (int i = 0; i < 101; ++i) fields += "X: y\r\n";
    EXPECT_EQ(reply_to(f, "GET / HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n").status, 431);
}

TEST(HttpServer, RefusesALargeBodyBeforeItComesAndWhileItComes) {
    rest::ServerOptions options;
    options.limits.max_body_bytes = 100'000;
    HttpServerFixture f(options);
    const Reply declared =
        reply_to(f, "POST /api/events/send HTTP/1.1\r\nHost: x\r\nContent-Length: 100001\r\n\r\n", "POST");
    expect_problem(declared.answer, 413);
    EXPECT_TRUE(declared.is_closed);
    const std::string huge = post(std::string(20'000'000, ' '));
    EXPECT_EQ(reply_to(f, huge, "POST").status, 413);
    HttpClient client = f.connect();
    client.send("POST /api/events/send HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    const std::string chunk = "8000\r\n" + std::string(0x8000, ' ') + "\r\n";
    for (int i = 0; i < 4; ++i) client.send(chunk);
    EXPECT_EQ(client.read_answer("POST")->status, 413);
    EXPECT_TRUE(client.sees_end());
}

TEST(HttpServer, AnswersExpectBeforeTheBody) {
    HttpServerFixture f;
    HttpClient client = f.connect();
    const std::string whole = post(kEvent, "Expect: 100-continue\r\n");
    client.send(whole.substr(0, whole.size() - kEvent.size()));
    const auto interim = client.read_head();
    ASSERT_TRUE(interim);
    EXPECT_EQ(interim->first_line, "HTTP/1.1 100 Continue");
    client.send(kEvent);
    EXPECT_EQ(client.read_answer("POST")->status, 201);
    const Reply unknown =
        reply_to(f, "POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(unknown.status, 404);
    EXPECT_TRUE(unknown.is_closed);
    EXPECT_EQ(reply_to(f, post(kEvent, "Expect: the-unexpected\r\n"), "POST").status, 417);
}

TEST(HttpServer, HeadIsGetWithoutTheBody) {
    HttpServerFixture f;
    HttpClient client = f.connect();
    const HttpAnswer get = client.request("GET", "/openapi.yaml");
    client.send("HEAD /openapi.yaml HTTP/1.1\r\nHost: x\r\n\r\n");
    const auto head = client.read_answer("HEAD");
    ASSERT_TRUE(head);
    EXPECT_EQ(head->status, 200);
    EXPECT_EQ(head->header("Content-Length"), std::to_string(get.body.size()));
    EXPECT_EQ(head->header("ETag"), get.header("ETag"));
    client.send("HEAD /nowhere HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(client.read_answer("HEAD")->status, 404);
    EXPECT_EQ(client.request("GET", "/healthz").status, 200);
}

TEST(HttpServer, KnowsItsMethods) {
    HttpServerFixture f;
    const HttpAnswer options = f.request("OPTIONS", "/api/events/send");
    EXPECT_EQ(options.status, 204);
    EXPECT_EQ(options.header("Allow"), "POST, OPTIONS");
    EXPECT_EQ(f.request("OPTIONS", "*").status, 204);
    EXPECT_EQ(f.request("OPTIONS", "/nowhere").status, 404);
    const HttpAnswer wrong = f.request("PATCH", "/api/events/register");
    expect_problem(wrong, 405);
    EXPECT_EQ(wrong.header("Allow"), "GET, HEAD, PUT, OPTIONS");
    EXPECT_EQ(f.request("BREW", "/healthz").status, 405);
}

TEST(HttpServer, SpeaksHttp10) {
    HttpServerFixture f;
    const Reply once = reply_to(f, "GET /healthz HTTP/1.0\r\n\r\n");
    EXPECT_EQ(once.status, 200);
    EXPECT_TRUE(once.is_closed);
    HttpClient client = f.connect();
    client.send("GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_EQ(client.read_answer()->header("Connection"), "keep-alive");
    EXPECT_EQ(client.request("GET", "/healthz").status, 200);
}

TEST(HttpServer, ClosesWhenAskedAndAnswersAHalfClosedClient) {
    HttpServerFixture f;
    EXPECT_TRUE(reply_to(f, "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").is_closed);
    HttpClient client = f.connect();
    client.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
    client.finish_sending();
    EXPECT_EQ(client.read_answer()->status, 200);
    EXPECT_TRUE(client.sees_end());
}

TEST(HttpServer, EndsSlowHeadersSlowBodiesAndIdleConnections) {
    rest::ServerOptions options;
    options.header_timeout = options.body_timeout = options.idle_timeout = 100ms;
    HttpServerFixture f(options);
    HttpClient header = f.connect();
    header.send("GET /healthz HTTP/1.1\r\nHos");
    expect_problem(header.read_answer().value_or(HttpAnswer{}), 408);
    EXPECT_TRUE(header.sees_end());
    HttpClient body = f.connect();
    body.send(post(kEvent).substr(0, post(kEvent).size() - 3));
    EXPECT_EQ(body.read_answer("POST")->status, 408);
    EXPECT_TRUE(body.sees_end());
    HttpClient idle = f.connect();
    EXPECT_TRUE(idle.sees_end());
    HttpClient between = f.connect();
    EXPECT_EQ(between.request("GET", "/healthz").status, 200);
    EXPECT_TRUE(between.sees_end());
}

TEST(HttpServer, EndsAReaderThatDoesNotRead) {
    rest::ServerOptions options;
    options.write_timeout = 200ms;
    HttpServerFixture f(options);
    HttpClient deaf = f.connect();
    EXPECT_EQ(deaf.request("GET", "/healthz").status, 200);
    std::string many;
    for (int i = 0; i < 2000; ++i) many += "GET /openapi.yaml HTTP/1.1\r\nHost: x\r\n\r\n";
    deaf.send(many);
    EXPECT_TRUE(eventually(10s, [&] { return f.server.wait_until_drained(0ms); }));
}

TEST(HttpServer, TurnsAwayConnectionsBeyondTheLimit) {
    rest::ServerOptions options;
    options.connections.total = 1;
    HttpServerFixture f(options);
    HttpClient first = f.connect();
    EXPECT_EQ(first.request("GET", "/healthz").status, 200);
    const HttpAnswer refused = f.connect().request("POST", "/api/events/send", kEvent);
    expect_problem(refused, 503);
    EXPECT_TRUE(refused.header("Retry-After"));
    EXPECT_EQ(refused.header("Connection"), "close");
    EXPECT_EQ(first.request("GET", "/healthz").status, 200);
}

TEST(HttpServer, HandsLiveClientsBeyondTheLimitOnToBeToldInTheirOwnProtocol) {
    rest::ServerOptions options;
    options.connections.per_address = 1;
    HttpServerFixture f(options);
    HttpClient first = f.connect();
    EXPECT_EQ(first.request("GET", "/healthz").status, 200);
    HttpClient second = f.connect();
    second.send("GET /api/events/stream HTTP/1.1\r\nHost: x\r\n\r\n");
    ASSERT_TRUE(eventually(10s, [&] { return f.live_count == 1; }));
    EXPECT_TRUE(f.live_connections[0].place.is_one_too_many());
    expect_problem(f.request("GET", "/api/events/stream?types=a::b"), 400);
}

TEST(HttpServer, CountsLiveClientsBehindATrustedProxyByTheirOwnAddress) {
    rest::ServerOptions options;
    options.connections.per_address = 1;
    options.trusted_proxies = {"127.0.0.0/8", "10.0.0.0/8"};
    HttpServerFixture f(options);
    std::vector<HttpClient> clients;
    const auto is_one_too_many = [&](const std::string& forwarded_for) {
        const int count = f.live_count;
        clients.push_back(f.connect());
        clients.back().send(
            "GET /api/events/stream HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: " + forwarded_for + "\r\n\r\n");
        EXPECT_TRUE(eventually(10s, [&] { return f.live_count > count; }));
        return f.live_connections.back().place.is_one_too_many();
    };
    EXPECT_FALSE(is_one_too_many("192.0.2.1"));
    EXPECT_FALSE(is_one_too_many("192.0.2.2"));
    EXPECT_TRUE(is_one_too_many("192.0.2.1"));
    EXPECT_TRUE(is_one_too_many("198.51.100.9, 192.0.2.2, 10.1.2.3"))
        << "what the client says itself is no matter";
    EXPECT_FALSE(is_one_too_many("nonsense"));
}

TEST(HttpServer, NegotiatesWhatItAnswers) {
    HttpServerFixture f;
    expect_problem(f.request("GET", "/healthz", "", {{"Accept", "text/html"}}), 406);
    EXPECT_EQ(f.request("GET", "/healthz", "", {{"Accept", "text/html, */*;q=0.1"}}).status, 200);
    const HttpAnswer zipped = f.request("GET", "/openapi.yaml", "", {{"Accept-Encoding", "gzip"}});
    EXPECT_EQ(zipped.header("Content-Encoding"), "gzip");
    EXPECT_THAT(zipped.header("Vary").value_or(""), HasSubstr("Accept-Encoding"));
    const HttpAnswer plain = f.request("GET", "/openapi.yaml");
    EXPECT_EQ(rest::gunzip(zipped.body, 10'000'000), plain.body);
    EXPECT_NE(zipped.header("ETag"), plain.header("ETag"));
    for (const HttpAnswer& answer : {zipped, plain}) {
        const std::string tag = answer.header("ETag").value_or("");
        EXPECT_EQ(f.request("GET", "/openapi.yaml", "", {{"If-None-Match", tag}}).status, 304);
    }
    expect_problem(f.send_json("x", {{"Content-Encoding", "br"}}), 415);
    expect_problem(f.request("POST", "/api/events/send", kEvent, {{"Content-Type", "text/plain"}}), 415);
    expect_problem(
        f.request("POST", "/api/events/send", kEvent, {{"Content-Type", "application/json; charset=latin1"}}),
        415);
    EXPECT_EQ(f.request("POST", "/api/events/send", rest::gzip(kEvent),
                        {{"Content-Type", "application/json; charset=utf-8"}, {"Content-Encoding", "gzip"}})
                  .status,
              201);
}

TEST(HttpServer, LinksFollowTheHostTheProxyOrThePublicUrl) {
    const auto location = [](const HttpServerFixture& f, const HttpHeaders& headers) {
        return f.send_json(kEvent, headers).header("Location").value_or("");
    };
    HttpServerFixture plain;
    const HttpHeaders forwarded{{"X-Forwarded-Proto", "https"}, {"X-Forwarded-Host", "front.example"}};
    EXPECT_THAT(location(plain, forwarded), StartsWith("http://127.0.0.1/"));
    rest::ServerOptions options;
    options.trusted_proxies = {"127.0.0.0/8"};
    HttpServerFixture proxied(options);
    EXPECT_THAT(location(proxied, forwarded), StartsWith("https://front.example/api/events/"));
    options.public_url = "https://events.example/base";
    HttpServerFixture fixed(options);
    EXPECT_THAT(location(fixed, forwarded), StartsWith("https://events.example/base/api/events/"));
}

TEST(HttpServer, CorsIsOffUntilOriginsAreNamed) {
    const HttpHeaders page{{"Origin", "https://page.example"}, {"Access-Control-Request-Method", "POST"}};
    HttpServerFixture off;
    EXPECT_FALSE(off.request("OPTIONS", "/api/events/send", "", page).header("Access-Control-Allow-Origin"));
    rest::ServerOptions options;
    options.cors_origins = {"https://page.example"};
    HttpServerFixture on(options);
    const HttpAnswer preflight = on.request("OPTIONS", "/api/events/send", "", page);
    EXPECT_EQ(preflight.header("Access-Control-Allow-Origin"), "https://page.example");
    EXPECT_EQ(preflight.header("Access-Control-Allow-Methods"), "POST, OPTIONS");
    const HttpAnswer other = on.request("GET", "/healthz", "", {{"Origin", "https://other.example"}});
    EXPECT_FALSE(other.header("Access-Control-Allow-Origin"));
}

TEST(HttpServer, SaysWhyItIsNotReady) {
    HttpServerFixture f;
    EXPECT_EQ(f.request("GET", "/readyz").status, 200);
    f.complaints = {"the node is draining"};
    const HttpAnswer answer = f.request("GET", "/readyz");
    EXPECT_EQ(answer.status, 503);
    EXPECT_THAT(answer.body, HasSubstr("the node is draining"));
}

TEST(HttpServer, AnswersWhatIsUnderWayWhenItDrains) {
    HttpServerFixture f;
    std::mutex gate;
    f.log.on_append = [&](const AppendBatch&, bool stored) {
        if (!stored) const std::lock_guard wait(gate);
    };
    HttpClient idle = f.connect();
    EXPECT_EQ(idle.request("GET", "/healthz").status, 200);
    HttpClient busy = f.connect();
    {
        const std::lock_guard closed(gate);
        busy.send(post(kEvent));
        EXPECT_FALSE(f.server.wait_until_drained(100ms));
        f.server.stop_accepting();
        EXPECT_TRUE(idle.sees_end());
        EXPECT_FALSE(f.server.wait_until_drained(10ms));
    }
    const auto answer = busy.read_answer("POST");
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 201);
    EXPECT_EQ(answer->header("Connection"), "close");
    EXPECT_TRUE(f.server.wait_until_drained(5s));
}

TEST(HttpServer, OutlivesClientsThatVanish) {
    HttpServerFixture f;
    for (int i = 0; i < 50; ++i) {
        HttpClient client = f.connect();
        client.send(i % 2 == 0 ? post(kEvent) : post(kEvent).substr(0, 60));
        client.abort();
    }
    EXPECT_EQ(f.request("GET", "/healthz").status, 200);
    EXPECT_TRUE(eventually(5s, [&] { return f.server.wait_until_drained(0ms); }));
}

}  // namespace
}  // namespace headwater::testing
