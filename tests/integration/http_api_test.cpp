#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/json_text.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/http_server_fixture.hpp"

namespace headwater::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::StartsWith;

HttpAnswer put_json(const HttpServerFixture& f, std::string_view target, std::string_view body,
                    HttpHeaders headers = {}) {
    headers.emplace_back("Content-Type", "application/json");
    return f.request("PUT", target, body, headers);
}
HttpAnswer put_type(const HttpServerFixture& f, std::string_view body, const HttpHeaders& headers = {}) {
    return put_json(f, "/api/events/register", body, headers);
}

TEST(HttpApiSend, AnswersOneEventWithItsPlace) {
    HttpServerFixture f;
    const HttpAnswer answer = f.send_json(R"({"type":"a:b","payload":{"n":1}})");
    EXPECT_EQ(answer.status, 201);
    EXPECT_EQ(answer.header("Location"), "http://127.0.0.1/api/events/1");
    EXPECT_THAT(answer.body, HasSubstr(R"({"id":"1","type":"a:b","created_at":")"));
    EXPECT_THAT(answer.body,
                HasSubstr(R"("links":[{"rel":"self","href":"http://127.0.0.1/api/events/1"}]})"));
}

TEST(HttpApiSend, RepeatsAreAnsweredAndConflictsRefused) {
    HttpServerFixture f;
    const std::string_view event = R"({"type":"a:b","id":"x","payload":1})";
    EXPECT_EQ(f.send_json(event).status, 201);
    const HttpAnswer repeat = f.send_json(event);
    EXPECT_EQ(repeat.status, 200);
    EXPECT_THAT(repeat.body, HasSubstr(R"("duplicate":true)"));
    const HttpAnswer conflict = f.send_json(R"({"type":"a:b","id":"x","payload":2})");
    EXPECT_EQ(conflict.status, 422);
    EXPECT_THAT(conflict.body, HasSubstr("/problems/idempotency-conflict"));
    const HttpHeaders key{{"Idempotency-Key", "k"}};
    const std::string_view batch = R"([{"type":"a:b","payload":1},{"type":"a:b","payload":1}])";
    EXPECT_EQ(f.send_json(batch, key).status, 200);
    EXPECT_EQ(f.log.size(), 3U);
    EXPECT_EQ(f.send_json(batch, key).status, 200);
    EXPECT_EQ(f.log.size(), 3U);
    EXPECT_EQ(f.send_json(R"({"type":"a:b","payload":9})", key).status, 422);
    EXPECT_EQ(f.send_json(event, {{"Idempotency-Key", std::string(256, 'k')}}).status, 400);
}

TEST(HttpApiSend, EachItemOfABatchStandsOnItsOwn) {
    HttpServerFixture f;
    const HttpAnswer some = f.send_json(
        R"([{"type":"a:b","payload":1},{"type":"no:such","payload":1},{"type":"room:x","payload":1}])");
    EXPECT_EQ(some.status, 207);
    EXPECT_THAT(
        some.body,
        MatchesRegex(R"(\{"results":\[\{"status":201.*\{"status":422.*"discarded":true.*reserved-type.*)"));
    const HttpAnswer none = f.send_json(R"([{"type":"no:such","payload":1}])");
    EXPECT_EQ(none.status, 422);
    EXPECT_EQ(none.header("Content-Type"), "application/problem+json");
    EXPECT_THAT(none.body, HasSubstr(R"("results":[{"status":422)"));
    EXPECT_THAT(none.body, StartsWith(R"({"type":"/problems/unregistered-type")"));
    const HttpAnswer mixed = f.send_json(R"([{"type":"no:such","payload":1},{"type":"room:x","payload":1}])");
    EXPECT_THAT(mixed.body, StartsWith(R"({"type":"/problems/batch-refused")"));
    EXPECT_TRUE(check_json(none.body)) << none.body;
}

TEST(HttpApiSend, KnowsATypeThatAnotherNodeRegisteredAMomentAgo) {
    HttpServerFixture f;
    EXPECT_EQ(f.send_json(R"({"type":"late:one","payload":1})").status, 422);
    Registration registration;
    registration.type = "late:one";
    ASSERT_TRUE(f.store.put(registration));
    EXPECT_EQ(f.send_json(R"({"type":"late:one","payload":1})").status, 201);
}

TEST(HttpApiSend, DiscardsNothingWhileTheRegistryCannotBeAsked) {
    HttpServerFixture f;
    f.store.set_away(true);
    const HttpAnswer unknown = f.send_json(R"({"type":"no:such","payload":1})");
    EXPECT_EQ(unknown.status, 503);
    EXPECT_TRUE(unknown.header("Retry-After"));
    EXPECT_THAT(unknown.body, Not(HasSubstr("memory registry")));
    EXPECT_EQ(f.send_json(R"({"type":"a:b","payload":1})").status, 201);
    EXPECT_EQ(f.request("GET", "/api/events/register/a:b").status, 503);
    f.store.set_away(false);
    EXPECT_EQ(f.request("GET", "/api/events/register/a:b").status, 200);
}

TEST(HttpApiSend, EphemeralEventsSayThatTheyWereNotStored) {
    HttpServerFixture f;
    EXPECT_EQ(put_type(f, R"({"type":"e:v","ttl":"ephemeral"})").status, 201);
    const HttpAnswer answer = f.send_json(R"({"type":"e:v","payload":1})");
    EXPECT_EQ(answer.status, 202);
    EXPECT_THAT(answer.body, HasSubstr(R"("stored":false)"));
    EXPECT_FALSE(answer.header("Location"));
}

TEST(HttpApiSend, SaysNothingForGoodWhileTheRegistryCannotBeAsked) {
    HttpServerFixture f;
    const HttpHeaders key{{"Idempotency-Key", "k"}};
    const std::string_view batch = R"([{"type":"a:b","payload":1},{"type":"late:one","payload":1}])";
    f.store.set_away(true);
    EXPECT_EQ(f.send_json(batch, key).status, 503);
    EXPECT_EQ(f.log.size(), 0U) << "nothing half-done";
    f.store.set_away(false);
    Registration registration;
    registration.type = "late:one";
    ASSERT_TRUE(f.store.put(registration));
    EXPECT_EQ(f.send_json(batch, key).status, 200);
    EXPECT_EQ(f.log.size(), 2U);
}

TEST(HttpApiTypes, AreRegisteredReadListedAndRemoved) {
    HttpServerFixture f;
    const HttpAnswer made = put_type(f, R"({"type":"t:1","ttl":"24days","schema":{"type":"object"}})");
    EXPECT_EQ(made.status, 201);
    EXPECT_EQ(made.header("Location"), "http://127.0.0.1/api/events/register/t:1");
    EXPECT_THAT(made.body,
                HasSubstr(R"({"type":"t:1","ttl":"24days","schema":{"type":"object"},"acknowledge":true)"));
    const HttpAnswer again = put_type(f, R"({"type":"t:1","ttl":"24days"})");
    EXPECT_EQ(again.status, 200);
    EXPECT_EQ(again.header("ETag"), made.header("ETag"));
    EXPECT_EQ(f.send_json(R"({"type":"t:1","payload":[]})").status, 422);
    const HttpAnswer page = f.request("GET", "/api/events/register?limit=1");
    EXPECT_THAT(page.body,
                HasSubstr(R"("rel":"next","href":"http://127.0.0.1/api/events/register?limit=1&after=a:b")"));
    EXPECT_THAT(f.request("GET", "/api/events/register?limit=1&after=a:b").body,
                HasSubstr(R"("type":"t:1")"));
    EXPECT_EQ(f.request("DELETE", "/api/events/register/t:1").status, 200);
    EXPECT_EQ(f.request("DELETE", "/api/events/register/t:1").status, 404);
    EXPECT_EQ(f.send_json(R"({"type":"t:1","payload":{}})").status, 422);
}

TEST(HttpApiTypes, HonourIfMatch) {
    HttpServerFixture f;
    const std::string tag = put_type(f, R"({"type":"t:1"})").header("ETag").value_or("");
    EXPECT_EQ(put_type(f, R"({"type":"t:1","ttl":"1day"})", {{"If-Match", "\"99\""}}).status, 412);
    EXPECT_EQ(put_type(f, R"({"type":"t:1","ttl":"1day"})", {{"If-Match", tag}}).status, 200);
    EXPECT_EQ(put_type(f, R"({"type":"t:1","ttl":"2days"})", {{"If-Match", tag}}).status, 412);
    EXPECT_EQ(put_type(f, R"({"type":"t:2"})", {{"If-Match", "*"}}).status, 412);
    EXPECT_EQ(f.request("DELETE", "/api/events/register/t:1", "", {{"If-Match", tag}}).status, 412);
}

TEST(HttpApiTypes, MistakesHavePointers) {
    HttpServerFixture f;
    const std::pair<std::string, std::string> cases[] = {
        {R"({"type":"a::b"})", "/type"},
        {R"({})", "/type"},
        {R"({"type":"t:1","ttl":"5 lightyears"})", "/ttl"},
        {R"({"type":"t:1","ttl":5})", "/ttl"},
        {R"({"type":"t:1","schema":{"type":5}})", "/schema"},
        {R"({"type":"t:1","schema":"x"})", "/schema"},
        {R"({"type":"t:1","streams":{}})", "/streams"},
        {R"({"type":"t:1","colour":"red"})", "/colour"},
        {R"({"type":"t:1","streams":[{"source":"pigeon"}]})", "/streams/0/source"},
        {R"({"type":"t:1","streams":[{"source":"fake","bad":1}]})", "/streams/0/bad"},
        {R"({"type":"t:1","streams":[{"source":"fake","liar":1}]})", "/streams/0"},
        {R"({"type":"t:1","streams":[{"source":"fake","order":"up"}]})", "/streams/0/order"},
        {R"({"type":"t:1","streams":[{"source":"fake","from":"then"}]})", "/streams/0/from"},
        {R"({"type":"t:1","streams":[{"source":"fake","name":"12"}]})", "/streams/0/name"},
        {R"({"type":"t:1","streams":[{"source":"fake","types":["a"]}]})", "/streams/0/types"},
        {R"({"type":"t:1","streams":[{"source":"fake"},{"source":"fake"}]})", "/streams/1/name"},
    };
    for (const auto& [body, pointer] : cases) {
        const HttpAnswer answer = put_type(f, body);
        EXPECT_EQ(answer.status, 422) << body << answer.body;
        EXPECT_THAT(answer.body, HasSubstr("\"pointer\":\"" + pointer + "\"")) << body;
    }
    EXPECT_EQ(put_type(f, R"({"type":"t:1","type":"t:2"})").status, 400);
    EXPECT_EQ(put_type(f, R"({"type":"t:1")").status, 400);
    EXPECT_EQ(f.request("GET", "/api/events/register/t:1").status, 404);
}

TEST(HttpApiStreams, OfATypeKeepTheirSecretsToThemselves) {
    HttpServerFixture f;
    const HttpAnswer made = put_type(f, R"({"type":"t:1","streams":[{"source":"fake"}]})");
    EXPECT_THAT(
        made.body,
        HasSubstr(R"("name":"fake-default","type":"t:1","source":"fake","kind":"nowhere","secret":"s1")"));
    EXPECT_THAT(made.body, HasSubstr(R"("lag":{"events":0,"seconds":0.000})"));
    EXPECT_THAT(f.request("GET", "/api/events/register/t:1").body, Not(HasSubstr("secret")));
    EXPECT_THAT(put_type(f, R"({"type":"t:1","streams":[{"source":"fake"}]})").body,
                Not(HasSubstr("secret")));
    const HttpAnswer removed = put_type(f, R"({"type":"t:1","streams":[]})");
    EXPECT_THAT(removed.body, HasSubstr(R"("removed":[{"id":"1","name":"fake-default","lag":)"));
}

TEST(HttpApiStreams, ComeAndGoOneByOne) {
    HttpServerFixture f;
    const HttpHeaders json{{"Content-Type", "application/json"}};
    const std::string_view body = R"({"source":"fake","name":"mine"})";
    EXPECT_EQ(f.request("POST", "/api/events/register/a:b/streams", body, json).status, 201);
    EXPECT_EQ(f.request("POST", "/api/events/register/a:b/streams", body, json).status, 200);
    EXPECT_EQ(f.request("POST", "/api/events/register/no:such/streams", body, json).status, 404);
    EXPECT_EQ(f.request("GET", "/api/streams/mine").status, 200);
    EXPECT_EQ(f.request("DELETE", "/api/events/register/a:b/streams/other").status, 404);
    EXPECT_EQ(f.request("DELETE", "/api/events/register/a:b/streams/mine").status, 200);
    EXPECT_EQ(f.request("GET", "/api/streams/mine").status, 404);
}

TEST(HttpApiStreams, OfTheirOwnTakeManyTypes) {
    HttpServerFixture f;
    const HttpAnswer made = put_json(f, "/api/streams/all", R"({"types":["a:*","c:**"],"source":"fake"})");
    EXPECT_EQ(made.status, 201);
    EXPECT_THAT(made.body, HasSubstr(R"("types":["a:*","c:**"])"));
    EXPECT_EQ(made.header("Location"), "http://127.0.0.1/api/streams/1");
    EXPECT_EQ(put_json(f, "/api/streams/1", R"({"types":["a:*"],"source":"fake"})").status, 200);
    EXPECT_EQ(put_json(f, "/api/streams/99", R"({"source":"fake"})").status, 404);
    EXPECT_EQ(put_json(f, "/api/streams/x", R"({"types":["a::"],"source":"fake"})").status, 422);
    EXPECT_THAT(f.request("GET", "/api/streams").body, HasSubstr(R"("name":"all")"));
    EXPECT_THAT(f.request("POST", "/api/streams/all/pause").body, HasSubstr(R"("state":"paused")"));
    EXPECT_THAT(f.request("POST", "/api/streams/all/resume").body, HasSubstr(R"("state":"running")"));
    EXPECT_EQ(f.request("DELETE", "/api/streams/1").status, 200);
    EXPECT_EQ(f.request("GET", "/api/streams/all").status, 404);
}

TEST(HttpApiAcks, ReachTheStore) {
    HttpServerFixture f;
    EXPECT_EQ(f.send_json(R"([{"type":"a:b","payload":1},{"type":"a:b","payload":1}])").status, 200);
    EXPECT_EQ(f.request("PUT", "/api/events/1/ok/me").body, R"({"acknowledge":true})");
    EXPECT_EQ(f.request("PUT", "/api/events/3/ok/me").status, 404);
    EXPECT_EQ(f.request("PUT", "/api/events/0/ok/me").status, 404);
    EXPECT_EQ(f.request("PUT", "/api/events/x/ok/me").status, 404);
    EXPECT_EQ(f.request("PUT", "/api/events/1/ok/m%20e").status, 400);
    EXPECT_EQ(put_json(f, "/api/events/ok/me", R"({"ids":["1","2"]})").status, 200);
    EXPECT_EQ(put_json(f, "/api/events/ok/me", R"({"through":"2","types":["a:*"]})").status, 200);
    for (const char* bad : {R"({})", R"({"ids":[1]})", R"({"ids":["1"],"through":"1"})", R"({"through":"x"})",
                            R"({"through":"1","types":["a::"]})", R"({"ids":["1"],"types":["a"]})"}) {
        EXPECT_EQ(put_json(f, "/api/events/ok/me", bad).status, 422) << bad;
    }
    EXPECT_LT(f.request("DELETE", "/api/clients/me").status, 300);
    EXPECT_EQ(f.request("DELETE", "/api/clients/me").status, 404);
}

TEST(HttpApiEvents, AreFoundGoneOrNotYetThere) {
    HttpServerFixture f;
    EXPECT_EQ(f.send_json(R"({"type":"a:b","payload":1})").status, 201);
    EXPECT_EQ(f.request("GET", "/api/events/1").status, 200);
    EXPECT_EQ(f.request("GET", "/api/events/2").status, 404);
    EXPECT_EQ(f.request("GET", "/api/events/01").status, 404);
    EXPECT_EQ(put_type(f, R"({"type":"e:v","ttl":"ephemeral"})").status, 201);
    EXPECT_EQ(f.send_json(R"({"type":"e:v","payload":1})").status, 202);
    EXPECT_EQ(f.request("GET", "/api/events/2").status, 410);
}

TEST(HttpApiLive, HandsTheConnectionOverOrSaysWhyNot) {
    HttpServerFixture f;
    const HttpHeaders upgrade{{"Connection", "Upgrade"},
                              {"Upgrade", "websocket"},
                              {"Sec-WebSocket-Version", "13"},
                              {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}};
    HttpHeaders old = upgrade;
    old[2].second = "8";
    const HttpAnswer refused = f.request("GET", "/api/events/", "", old);
    EXPECT_EQ(refused.status, 426);
    EXPECT_EQ(refused.header("Sec-WebSocket-Version"), "13");
    HttpHeaders foreign = upgrade;
    foreign.emplace_back("Origin", "https://evil.example");
    EXPECT_EQ(f.request("GET", "/api/events/", "", foreign).status, 403);
    EXPECT_EQ(f.request("GET", "/api/events/?types=a::b", "", upgrade).status, 400);
    EXPECT_EQ(f.request("GET", "/api/events/stream?since=x").status, 400);
    EXPECT_EQ(f.request("GET", "/api/events/stream", "", {{"Last-Event-ID", "x"}}).status, 400);
    HttpClient client = f.connect();
    client.send(
        "GET /api/events/stream?types=a:*&since=beginning&named=true HTTP/1.1\r\nHost: x\r\n\r\nearly");
    ASSERT_TRUE(eventually(5s, [&] { return f.live_count == 1; }));
    f.server.stop();
    ASSERT_EQ(f.live_connections.size(), 1U);
    rest::LiveConnection& live = f.live_connections.front();
    EXPECT_EQ(live.live.types.to_text(), "a:*");
    EXPECT_EQ(live.live.since, Position{0});
    EXPECT_TRUE(live.live.is_named);
    EXPECT_TRUE(live.connection.socket().is_open());
    EXPECT_EQ(live.buffer.size(), 5U);
}

}  // namespace
}  // namespace headwater::testing
