#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "postgres/connection.hpp"
#include "postgres/event_query.hpp"
#include "tests/support/memory_log.hpp"
#include "tests/support/test_database.hpp"

namespace headwater::testing {
namespace {

using namespace std::chrono_literals;

constexpr int kOften = 10;  // a plan is kept after some uses

class KeptPlansTest : public ::testing::Test {
  protected:
    std::size_t shown(Timestamp from, Timestamp to) {
        FeedQuery query;
        query.from = from;
        query.to = to;
        return database_->feed_reader().page(query).entries.size();
    }
    bool has(std::int64_t id) { return database_->log_reader().find(EventId{id}).has_value(); }
    void append(const EventTypePtr& type) { database_.append({make_new_event(type, "1")}); }

    /// {kept, made for one execution}, of the session's statements with this text in them.
    static std::pair<int, int> plans(postgres::Connection& session, const std::string& text) {
        const auto rows = session.query(
            "select coalesce(sum(generic_plans), 0)::int, coalesce(sum(custom_plans), 0)::int "
            "from pg_prepared_statements where position($1 in statement) > 0 "
            "and statement not like '%pg_prepared_statements%'",
            text);
        return {rows[0][0].as<int>(), rows[0][1].as<int>()};
    }

    TestDatabase database_;
    EventTypePtr type_ = database_.register_type("x:a");
};

TEST_F(KeptPlansTest, AreKeptAfterSomeUsesWhileTheyAreSmall) {
    postgres::Connection session(database_.settings());
    const std::string few = "select count(*) from headwater.events where created_at >= $1";
    const std::string many = few + " limit 1";
    for (int i = 0; i < kOften; ++i) {
        session.query(postgres::Statement{few, postgres::kMaxKeptScans}, "2020-01-01");
        session.query(postgres::Statement{many, postgres::kMaxKeptScans + 1}, "2020-01-01");
    }
    EXPECT_EQ(plans(session, many), std::pair(0, kOften));
    EXPECT_EQ(plans(session, few), std::pair(5, 5 + kOften)) << "with those of the longer text";
}

TEST_F(KeptPlansTest, ASessionForgetsItsOldTexts) {
    postgres::Connection session(database_.settings());
    for (int i = 0; i < 1'000; ++i) {
        const std::string number = std::to_string(i);
        EXPECT_EQ(session.query("select " + number)[0][0].as<int>(), i);
    }
    EXPECT_LE(session.query("select count(*) from pg_prepared_statements")[0][0].as<int>(), 400);
}

TEST_F(KeptPlansTest, ReadPartitionsThatWereMadeAfterwards) {
    const Timestamp begin = parse_rfc3339("2020-05-05T00:00:00Z").value();
    for (int i = 0; i < kOften; ++i) EXPECT_EQ(shown(begin, begin + 1h), 0U);
    database_.sql().run(
        "create table headwater.far partition of headwater.events_permanent for values from ('2020-01-01') "
        "to ('2021-01-01');"
        "insert into headwater.events (id, created_at, expires_at, type_id, class, payload_base64, meta, "
        "payload) select 0, '2020-05-05', 'infinity', type_id, 13, false, '', '1' "
        "from headwater.event_types where name = 'x:a'");
    for (int i = 0; i < kOften; ++i) EXPECT_EQ(shown(begin, begin + 1h), 1U);
    database_.sql().run(
        "alter table headwater.events_permanent detach partition headwater.far; drop table headwater.far");
    for (int i = 0; i < kOften; ++i) EXPECT_EQ(shown(begin, begin + 1h), 0U);
}

TEST_F(KeptPlansTest, ReadClassesThatWereRegisteredAfterwards) {
    append(type_);
    const Timestamp begin = database_->clock_now() - 1h;
    postgres::Database other({.url = database_.url()});
    const auto shown_there = [&] {
        FeedQuery query;
        query.from = begin;
        query.to = begin + 2h;
        return other.feed_reader().page(query).entries.size();
    };
    for (int i = 0; i < kOften; ++i) {
        EXPECT_EQ(shown_there(), 1U);
        EXPECT_TRUE(other.log_reader().find(EventId{1}));
    }
    append(database_.register_type("x:b", "1hour"));
    for (int i = 0; i < kOften; ++i) {
        EXPECT_EQ(shown_there(), 2U);
        EXPECT_TRUE(other.log_reader().find(EventId{2}));
    }
}

TEST_F(KeptPlansTest, FindOneEventAmongHundredsOfPartitions) {
    constexpr std::int64_t kDays = 450;  // more texts than a session keeps prepared
    database_.sql().run(
        "do $$ declare day timestamptz; begin for i in 1..450 loop day := timestamptz '2020-01-01+00' + i * "
        "interval '1 day'; execute format('create table headwater.day_%s partition of "
        "headwater.events_permanent for values from (%L) to (%L)', i, day, day + interval '1 day');"
        "end loop; end $$;"
        "insert into headwater.events (id, created_at, expires_at, type_id, class, payload_base64, meta, "
        "payload) select 2 * i, timestamptz '2020-01-01 12:00+00' + i * interval '1 day', 'infinity', "
        "type_id, 13, false, '', '1' from generate_series(1, 450) i, headwater.event_types where name = "
        "'x:a';"
        // Each event's time is known to the minute, so that its look-up stays within a day.
        "insert into headwater.log_times (first_id, at) select 2 * i + m, timestamptz '2020-01-01 12:00+00' "
        "+ i * interval '1 day' + m * interval '1 minute' from generate_series(1, 450) i, "
        "generate_series(0, 1) m");
    for (std::int64_t day = 1; day <= kDays; ++day) EXPECT_TRUE(has(2 * day)) << day;
    for (int i = 0; i < kOften; ++i) {
        EXPECT_TRUE(has(2 * kDays));
        EXPECT_TRUE(has(2));
    }
    const Timestamp begin = parse_rfc3339("2020-01-01T00:00:00Z").value();
    EXPECT_EQ(shown(begin, begin + 24h * 11), 10U);
    // A look-up within a day keeps its plan, a page does not.
    postgres::Connection session(database_.settings());
    postgres::EventScope scope;
    scope.from = begin + 36h;
    scope.through = scope.from + 1h;
    for (const std::size_t limit : {1, 100}) {
        scope.limit = limit;
        for (int i = 0; i < kOften; ++i)
            EXPECT_EQ(postgres::read_events(session, scope).rows.size(), 1U) << limit;
    }
    EXPECT_EQ(plans(session, "e.created_at < '2020-01-03"), std::pair(kOften - 5, 5));
    EXPECT_EQ(plans(session, "from headwater.events e"), std::pair(kOften - 5, 5 + kOften));
    database_.sql().run("delete from headwater.events where id = 2");
    EXPECT_FALSE(has(2));
}

}  // namespace
}  // namespace headwater::testing
