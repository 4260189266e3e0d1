// What operators do with streams, over a log and deliveries in memory.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "core/json_text.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/http_server_fixture.hpp"

namespace headwater::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr std::int64_t kProcess = 11;

class HttpStreams : public ::testing::Test {
  protected:
    HttpAnswer get(std::string_view target) { return f.request("GET", target); }
    HttpAnswer post(std::string_view target) { return f.request("POST", target); }
    HttpAnswer post(std::string_view target, std::string_view body) {
        return f.request("POST", target, body, {{"Content-Type", "application/json"}});
    }
    HttpAnswer put_stream(const std::string& name, const std::string& members) {
        return f.request("PUT", "/api/streams/" + name, R"({"source":"fake","types":["a:*"])" + members + "}",
                         {{"Content-Type", "application/json"}});
    }
    /// A stream that the node "there" runs, unless the fixture has its status.
    Stream add_stream(const std::string& name, const std::string& members = "") {
        EXPECT_EQ(put_stream(name, members).status, 201);
        const Stream stream = f.registry.refresh()->streams().back();
        f.deliveries.put(stream);
        for (const ClaimedStream& claimed : f.deliveries.renew(kProcess, "there").claimed)
            epochs[claimed.id] = claimed.epoch;
        return stream;
    }
    void save(const Stream& stream, StreamProgress progress) {
        progress.stream = stream.id;
        progress.epoch = epochs.at(stream.id);
        ASSERT_TRUE(f.deliveries.save({&progress, 1}).empty());
    }
    void send(int count) {
        for (int i = 0; i < count; ++i) {
            ASSERT_EQ(f.send_json(R"({"type":"a:b","payload":1})").status, 201);
        }
        f.deliveries.set_head(EventId{static_cast<std::int64_t>(f.log.size())});
    }
    static StreamProgress rows(std::vector<FailingEvent> failing, const Cursor& cursor = {}) {
        StreamProgress progress;
        progress.cursor = cursor;
        progress.failing = std::move(failing);
        return progress;
    }
    static StreamProgress standing(const Cursor& cursor, const StreamStanding& standing) {
        StreamProgress progress;
        progress.cursor = cursor;
        progress.standing = standing;
        return progress;
    }
    static StreamProgress replayed(const ReplayProgress& replay) {
        StreamProgress progress;
        progress.replays = {replay};
        return progress;
    }
    static FailingEvent dead_event(std::int64_t id, Timestamp died_at) {
        FailingEvent event;
        event.id = EventId{id};
        event.state = FailingState::dead;
        event.attempts = 10;
        event.last_error = "The webhook answered HTTP 500.";
        event.last_status = 500;
        event.died_at = died_at;
        return event;
    }

    HttpServerFixture f;
    std::map<StreamId, std::int64_t> epochs;
    const Timestamp noon = parse_rfc3339("2026-03-01T12:00:00Z").value();
};

TEST_F(HttpStreams, ShowHowTheyStandOnTheNodeThatRunsThem) {
    const Stream stream = add_stream("mine", R"(,"order":"strict")");
    f.statuses[stream.id] = {.state = StreamState::retrying,
                             .since = noon,
                             .cursor = {EventId{41}, noon},
                             .last_error = "It said no.",
                             .last_delivered = noon,
                             .in_flight = 1,
                             .set_aside = 2,
                             .next_attempt = noon + 5s,
                             .is_at_head = true,
                             .waiting = 3,
                             .oldest = noon,
                             .delivered_per_second = 12.5,
                             .head = std::nullopt};
    save(stream, rows({dead_event(1, noon)}));
    const std::string body = get("/api/streams/mine").body;
    EXPECT_TRUE(check_json(body)) << body;
    EXPECT_THAT(body, HasSubstr(R"("state":"retrying","since":"2026-03-01T12:00:00.000000Z","cursor":"41")"));
    EXPECT_THAT(body, HasSubstr(R"("dead":1,"last_error":"It said no.","node":"here")"));
    EXPECT_THAT(body,
                HasSubstr(R"("next_attempt_at":"2026-03-01T12:00:05.000000Z","in_flight":1,"set_aside":2)"));
    EXPECT_THAT(body, HasSubstr(R"("rates":{"delivered_per_second":12.500})"));
    EXPECT_THAT(get("/api/streams").body, HasSubstr(R"("cursor":"41")"));
}

TEST_F(HttpStreams, ShowHowTheyAreStoredWhenAnotherNodeRunsThem) {
    const Stream stream = add_stream("mine");
    save(stream, standing({EventId{5}, noon}, {StreamState::blocked, noon, "Nobody is there."}));
    f.store.set_lag(10'000);
    send(1);
    const std::string body = get("/api/streams/" + to_string(stream.id)).body;
    EXPECT_THAT(body, HasSubstr(R"("state":"blocked","since":"2026-03-01T12:00:00.000000Z","cursor":"5")"));
    EXPECT_THAT(body, HasSubstr(R"("lag":{"events":10000,"atLeast":true,)"));
    EXPECT_THAT(body, HasSubstr(R"("last_error":"Nobody is there.","node":"there")"));
    EXPECT_THAT(body, Not(HasSubstr("in_flight")));
    EXPECT_EQ(post("/api/streams/mine/pause").status, 200);
    EXPECT_THAT(get("/api/streams/mine").body, HasSubstr(R"("state":"paused")"));
}

TEST_F(HttpStreams, TellWhatATestEventCameTo) {
    add_stream("mine");
    std::string sent;
    f.fake_sink.on_deliver = [&](Delivery delivery) {
        sent = delivery.event->json;
        delivery.settle({.outcome = DeliveryResult::Outcome::failed,
                         .reason = "The webhook answered HTTP 500.",
                         .retry_after = std::nullopt,
                         .status = 500,
                         .response = "no\xff\x01",
                         .duration = 1500us});
    };
    const HttpAnswer answer = post("/api/streams/mine/test");
    EXPECT_EQ(answer.status, 200);
    EXPECT_THAT(answer.body,
                StartsWith(R"({"delivered":false,"result":"failed","status":500,"duration_seconds":0.001500,)"
                           R"("reason":"The webhook answered HTTP 500.","response":"no)"));
    EXPECT_TRUE(check_json(answer.body)) << answer.body;
    EXPECT_THAT(sent, HasSubstr("headwater:test"));
    EXPECT_EQ(f.log.size(), 0U);
    EXPECT_EQ(post("/api/streams/none/test").status, 404);
}

TEST_F(HttpStreams, TestsThatHangHoldNobodyUp) {
    add_stream("mine");
    std::mutex mutex;
    std::vector<Delivery> held;
    f.fake_sink.on_deliver = [&](Delivery delivery) {
        const std::lock_guard lock(mutex);
        held.push_back(std::move(delivery));
    };
    std::vector<std::jthread> testers;
    std::atomic<int> delivered{0};
    for (int i = 0; i < 5; ++i) {
        testers.emplace_back([&] {
            delivered += post("/api/streams/mine/test").body.starts_with(R"({"delivered":true)") ? 1 : 0;
        });
    }
    ASSERT_TRUE(eventually(5s, [&] {
        const std::lock_guard lock(mutex);
        return held.size() == 5;
    }));
    EXPECT_EQ(get("/api/streams/mine").status, 200);
    for (Delivery& delivery : held) delivery.settle({});
    testers.clear();
    EXPECT_EQ(delivered, 5);
}

TEST_F(HttpStreams, OnlyStrictOnesThatDoNotGoOnHaveAnEventToSkip) {
    send(3);
    add_stream("loose");
    EXPECT_EQ(post("/api/streams/loose/skip").status, 409);
    const Stream strict = add_stream("strict", R"(,"order":"strict")");
    EXPECT_EQ(post("/api/streams/strict/skip").status, 409) << "it is running";
    save(strict, standing({EventId{1}, noon}, {StreamState::retrying, noon, "No."}));
    const HttpAnswer skipped = post("/api/streams/strict/skip");
    EXPECT_EQ(skipped.status, 200);
    EXPECT_THAT(skipped.body, StartsWith(R"({"acknowledge":true,"skipped":"2",)"));
    EXPECT_EQ(f.deliveries.work(strict.id, {}, 10).skip, EventId{2});
}

TEST_F(HttpStreams, TheNodeThatRunsAStreamKnowsItsHead) {
    send(3);
    const Stream strict = add_stream("strict", R"(,"order":"strict")");
    StreamStatus status;
    status.state = StreamState::retrying;
    status.head = FailingHead{EventId{3}, 4, noon, "No.", 500};
    f.statuses[strict.id] = status;
    EXPECT_THAT(post("/api/streams/strict/skip").body, HasSubstr(R"("skipped":"3")"));
    EXPECT_THAT(get("/api/events/3").body,
                HasSubstr(R"("state":"retrying","attempts":4,"last_error":"No.","last_status":500,)"
                          R"("next_attempt_at":"2026-03-01T12:00:00.000000Z")"));
}

TEST_F(HttpStreams, GetANewSecretThatIsShownOnce) {
    add_stream("mine");
    const HttpAnswer rotated = post("/api/streams/mine/rotate-secret");
    EXPECT_EQ(rotated.status, 200);
    EXPECT_THAT(rotated.body, HasSubstr(R"("name":"mine","secret":"s2")"));
    EXPECT_EQ(rotated.header("Cache-Control"), "no-store");
    EXPECT_THAT(get("/api/streams/mine").body, Not(HasSubstr("secret\":")));
    EXPECT_EQ(f.registry.view()->streams().front().definition.destination, R"({"secret":"s2"})");
    EXPECT_THAT(post("/api/streams/mine/rotate-secret").body, HasSubstr(R"("secret":"s3")"));
    add_stream("bare", R"(,"open":true)");
    EXPECT_EQ(post("/api/streams/bare/rotate-secret").status, 409);
}

TEST_F(HttpStreams, ShowTheirLastAttempts) {
    const Stream here = add_stream("one");
    f.statuses[here.id] = {};
    f.attempts.add(here.id, {.event = EventId{4},
                             .attempt = 1,
                             .at = noon,
                             .duration = 2ms,
                             .outcome = DeliveryResult::Outcome::failed,
                             .status = 503,
                             .reason = "Busy.",
                             .response = "later",
                             .replay = ReplayId{9}});
    f.attempts.add(here.id,
                   {.event = EventId{4}, .attempt = 2, .at = noon + 5s, .reason = {}, .response = {}});
    const std::string body = get("/api/streams/one/attempts").body;
    EXPECT_TRUE(check_json(body)) << body;
    EXPECT_THAT(body,
                StartsWith(R"({"attempts":[{"event":"4","attempt":2,"at":"2026-03-01T12:00:05.000000Z",)"
                           R"("result":"delivered","duration_seconds":0.000000,)"));
    EXPECT_THAT(body, HasSubstr(R"("attempt":1,"replay":"9","at":"2026-03-01T12:00:00.000000Z",)"
                                R"("result":"failed","status":503,"duration_seconds":0.002000,)"
                                R"("reason":"Busy.","response":"later")"));
    EXPECT_THAT(body, HasSubstr(R"("node":"here","links")"));
    add_stream("two");
    EXPECT_THAT(get("/api/streams/two/attempts").body,
                StartsWith(R"({"attempts":[],"node":"there","elsewhere":true,)"));
}

TEST_F(HttpStreams, ShowTheirDeadEventsNewestFirstAndInFull) {
    send(5);
    const Stream stream = add_stream("mine");
    save(stream, rows({dead_event(1, noon), dead_event(2, noon), dead_event(4, noon), dead_event(77, noon)}));
    const std::string base = "http://127.0.0.1/api/streams/" + to_string(stream.id) + "/dead";
    const std::string page = get("/api/streams/mine/dead?limit=2").body;
    EXPECT_TRUE(check_json(page)) << page;
    EXPECT_THAT(page, StartsWith(R"({"events":[{"id":"4","payload":1,"attempts":10,)"
                                 R"("last_error":"The webhook answered HTTP 500.","last_status":500,)"
                                 R"("died_at":"2026-03-01T12:00:00.000000Z","links":[)"))
        << "77 has expired";
    EXPECT_THAT(page, HasSubstr("\"href\":\"" + base + "/4/retry\""));
    EXPECT_THAT(page, HasSubstr(R"("rel":"next","href":")" + base + "?limit=2&before=4\""));
    const std::string rest = get("/api/streams/mine/dead?limit=2&before=4").body;
    EXPECT_THAT(rest, HasSubstr(R"({"id":"1",)"));
    EXPECT_THAT(rest, Not(HasSubstr("\"next\"")));
    EXPECT_EQ(get("/api/streams/mine/dead?limit=0").status, 400);
    EXPECT_EQ(get("/api/streams/mine/dead?before=x").status, 400);
}

TEST_F(HttpStreams, LetDeadEventsBeTriedAgainOrForgotten) {
    send(5);
    const Stream stream = add_stream("mine");
    save(stream, rows({dead_event(1, noon), dead_event(2, noon), dead_event(4, noon)}));
    EXPECT_THAT(post("/api/streams/mine/dead/2/retry").body, HasSubstr(R"("retried":1)"));
    EXPECT_EQ(f.deliveries.row(stream.id, EventId{2})->state, FailingState::retrying);
    EXPECT_EQ(post("/api/streams/mine/dead/2/retry").status, 404) << "it is dead no more";
    EXPECT_EQ(post("/api/streams/mine/dead/x/retry").status, 404);
    EXPECT_EQ(f.request("DELETE", "/api/streams/mine/dead/4").status, 204);
    EXPECT_EQ(f.request("DELETE", "/api/streams/mine/dead/4").status, 404);
    EXPECT_THAT(post("/api/streams/mine/dead/retry").body, HasSubstr(R"("retried":1)"));
    EXPECT_THAT(post("/api/streams/mine/dead/retry").body, HasSubstr(R"("retried":0)"));
    EXPECT_EQ(post("/api/streams/none/dead/retry").status, 404);
}

TEST_F(HttpStreams, ReplayRangesOfEvents) {
    send(5);
    const Stream stream = add_stream("mine");
    const std::string base = "/api/streams/" + to_string(stream.id) + "/replays";
    const HttpAnswer started = post("/api/streams/mine/replays", R"({"from":"2","to":"4","rate":100})");
    EXPECT_EQ(started.status, 202);
    EXPECT_EQ(started.header("Location"), "http://127.0.0.1" + base + "/1");
    EXPECT_THAT(started.body,
                StartsWith(R"({"id":"1","state":"running","from":"2","to":"4","rate":100,"done":0,)"));
    EXPECT_TRUE(check_json(started.body)) << started.body;
    const Replay stored = f.deliveries.find_replay(stream.id, ReplayId{1}).value();
    EXPECT_EQ(stored.what.after, EventId{1});
    EXPECT_EQ(stored.what.through, EventId{4});
    EXPECT_EQ(stored.what.rate, 100);
    save(
        stream,
        replayed(
            {.id = ReplayId{1}, .cursor = {EventId{4}, noon}, .delivered = 2, .failed = 1, .is_done = true}));
    EXPECT_THAT(
        get(base + "/1").body,
        HasSubstr(
            R"("state":"done","from":"2","to":"4","rate":100,"done":3,"total":3,"delivered":2,"failed":1,"skipped":0)"));
    EXPECT_THAT(get(base).body, StartsWith(R"({"replays":[{"id":"1","state":"done")"));
    EXPECT_EQ(get(base + "/2").status, 404);
    EXPECT_EQ(get(base + "/x").status, 404);
}

TEST_F(HttpStreams, ReplayRangesOfTimeAndDeadEvents) {
    send(5);
    const Stream stream = add_stream("mine");
    for (std::int64_t id = 1; id <= 5; ++id) {
        f.feeds.add(make_event({.id = EventId{id},
                                .created_at = noon + std::chrono::seconds(id),
                                .type_id = TypeId{1},
                                .type = "a:b",
                                .subject = std::nullopt,
                                .meta = {},
                                .payload = "1"}));
    }
    const auto range_of = [&](std::string_view body) {
        const HttpAnswer started = post("/api/streams/mine/replays", body);
        EXPECT_EQ(started.status, 202) << started.body;
        const ReplayRequest what = f.deliveries.replays(stream.id, 1).front().what;
        return std::pair(what.after.value + 1, what.through.value);
    };
    EXPECT_EQ(range_of(R"({"from":"2026-03-01T12:00:02Z","to":"2026-03-01T12:00:04Z"})"), std::pair(2L, 3L));
    EXPECT_EQ(range_of(R"({"from":"2026-03-01T12:00:02.5Z"})"), std::pair(3L, 5L));
    EXPECT_EQ(range_of(R"({"from":"1","to":"2026-03-01T13:00:00+01:00"})"), std::pair(1L, 0L)) << "nothing";
    EXPECT_EQ(range_of(R"({"only":"dead"})"), std::pair(1L, 5L));
    EXPECT_TRUE(f.deliveries.replays(stream.id, 1).front().what.only_dead);
}

TEST_F(HttpStreams, CancelReplays) {
    send(5);
    const Stream stream = add_stream("mine");
    ASSERT_EQ(post("/api/streams/mine/replays", R"({"from":"1"})").status, 202);
    const std::string address = "/api/streams/mine/replays/1";
    EXPECT_THAT(f.request("DELETE", address).body, HasSubstr(R"("state":"cancelled")"));
    EXPECT_THAT(f.request("DELETE", address).body, HasSubstr(R"("state":"cancelled")"));
    EXPECT_EQ(f.request("DELETE", "/api/streams/mine/replays/8").status, 404);
}

TEST_F(HttpStreams, SayWhatIsWrongWithAReplay) {
    add_stream("mine");
    const std::pair<std::string, std::string> cases[] = {
        {R"({})", "/from"},
        {R"({"from":1})", "/from"},
        {R"({"from":"0"})", "/from"},
        {R"({"from":"yesterday"})", "/from"},
        {R"({"from":"1","to":"-1"})", "/to"},
        {R"({"from":"5","to":"4"})", "/to"},
        {R"({"from":"2026-03-01T12:00:00Z","to":"2026-03-01T11:00:00Z"})", "/to"},
        {R"({"from":"1","only":"live"})", "/only"},
        {R"({"from":"1","rate":0})", "/rate"},
        {R"({"from":"1","rate":100001})", "/rate"},
        {R"({"from":"1","rate":1.5})", "/rate"},
        {R"({"from":"1","rate":"1"})", "/rate"},
        {R"({"from":"1","colour":"red"})", "/colour"},
    };
    for (const auto& [body, pointer] : cases) {
        const HttpAnswer answer = post("/api/streams/mine/replays", body);
        EXPECT_EQ(answer.status, 422) << body << answer.body;
        EXPECT_THAT(answer.body, HasSubstr("\"pointer\":\"" + pointer + "\"")) << body;
    }
    EXPECT_EQ(post("/api/streams/mine/replays", "{").status, 400);
    EXPECT_EQ(post("/api/streams/none/replays", R"({"from":"1"})").status, 404);
}

TEST_F(HttpStreams, EventsSayWhereTheyWent) {
    send(6);
    const Stream stream = add_stream("mine", R"(,"from":"1")");
    FailingEvent retrying = dead_event(3, noon);
    retrying.state = FailingState::retrying;
    retrying.died_at.reset();
    retrying.attempts = 2;
    retrying.next_attempt = noon;
    FailingEvent held = retrying;
    held.id = EventId{4};
    held.state = FailingState::held;
    save(stream, rows({dead_event(2, noon), retrying, held}, {EventId{5}, noon}));
    const auto state_of = [&](int id) { return get("/api/events/" + std::to_string(id)).body; };
    EXPECT_THAT(state_of(2),
                HasSubstr(R"("state":"dead","attempts":10,"last_error":"The webhook answered HTTP 500.",)"
                          R"("last_status":500,"died_at":"2026-03-01T12:00:00.000000Z")"));
    EXPECT_THAT(state_of(3), HasSubstr(R"("state":"retrying","attempts":2,)"));
    EXPECT_THAT(state_of(3), HasSubstr(R"("next_attempt_at":"2026-03-01T12:00:00.000000Z")"));
    EXPECT_THAT(state_of(4), HasSubstr(R"("name":"mine","state":"pending","links")"));
    EXPECT_THAT(state_of(5), HasSubstr(R"("name":"mine","state":"delivered","links")"));
    EXPECT_THAT(state_of(6), HasSubstr(R"("name":"mine","state":"pending","links")"));
    EXPECT_THAT(state_of(1), HasSubstr(R"("state":"not-registered-then")"));
    EXPECT_TRUE(check_json(state_of(2)));
}

TEST_F(HttpStreams, AnswerOnlyTheMethodsTheyHave) {
    const Stream stream = add_stream("mine");
    for (const char* action :
         {"pause", "resume", "test", "skip", "rotate-secret", "dead/retry", "dead/1/retry"}) {
        const HttpAnswer answer = get(std::string("/api/streams/mine/") + action);
        EXPECT_EQ(answer.status, 405) << action;
        EXPECT_EQ(answer.header("Allow"), "POST, OPTIONS") << action;
    }
    EXPECT_EQ(f.request("OPTIONS", "/api/streams/mine/replays").header("Allow"), "GET, HEAD, POST, OPTIONS");
    EXPECT_EQ(f.request("OPTIONS", "/api/streams/mine/dead/1").header("Allow"), "DELETE, OPTIONS");
    for (const char* list : {"", "/attempts", "/dead", "/replays"}) {
        const HttpAnswer head = f.request("HEAD", std::string("/api/streams/mine") + list);
        EXPECT_EQ(head.status, 200) << list;
        EXPECT_EQ(head.body, "");
    }
}

TEST_F(HttpStreams, SayWhenTheDatabaseIsAway) {
    add_stream("mine");
    f.deliveries.set_away(true);
    for (const char* list : {"", "/attempts", "/dead", "/replays"}) {
        EXPECT_EQ(get(std::string("/api/streams/mine") + list).status, 503) << list;
    }
    EXPECT_EQ(post("/api/streams/mine/dead/retry").status, 503);
    EXPECT_EQ(post("/api/streams/mine/test").status, 200) << "it needs no deliveries";
}

}  // namespace
}  // namespace headwater::testing
