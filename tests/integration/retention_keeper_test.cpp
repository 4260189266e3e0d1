#include <gtest/gtest.h>

#include "postgres/partitions.hpp"
#include "postgres/retention_keeper.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/memory_log.hpp"
#include "tests/support/test_database.hpp"

namespace headwater::testing {
namespace {

using namespace std::chrono_literals;

class RetentionKeeperTest : public ::testing::Test {
  protected:
    std::int64_t partitions_of(const std::string& table) {
        return database_.number("select count(*) from pg_inherits where inhparent = 'headwater." + table +
                                "'::regclass");
    }
    std::int64_t tables_like(const std::string& pattern) {
        return database_.number("select count(*) from pg_class where relkind = 'r' and relname ~ '" +
                                pattern + "'");
    }
    /// A partition of an hour that is long over.
    void make_old_partition() {
        database_.sql().run(
            "create table headwater.events_hour_20200101_000000 partition of headwater.events_hour "
            "for values from ('2020-01-01 00:00:00+00') to ('2020-01-01 00:05:00+00')");
    }

    TestDatabase database_;
    postgres::Connection keeper_{database_.settings()};
};

TEST_F(RetentionKeeperTest, MakesPartitionsAheadForTheClassesInUse) {
    EXPECT_EQ(partitions_of("events_hour"), 0);
    database_.register_type("h", "1hour");
    EXPECT_EQ(partitions_of("events_hour"), 4) << "registration makes what is needed at once";
    EXPECT_EQ(partitions_of("events_day"), 0);
    EXPECT_EQ(partitions_of("idempotency"), 4);
    database_.sql().run("drop table headwater.idempotency cascade");
    database_.sql().run(
        "create table headwater.idempotency (key uuid, fingerprint uuid, event_id bigint, created_at "
        "timestamptz)"
        " partition by range (created_at)");
    EXPECT_TRUE(postgres::RetentionKeeper::keep_once(keeper_));
    EXPECT_EQ(partitions_of("idempotency"), 4);
    EXPECT_TRUE(postgres::RetentionKeeper::keep_once(keeper_)) << "and once more changes nothing";
    EXPECT_EQ(partitions_of("events_hour"), 4);
}

TEST_F(RetentionKeeperTest, DropsPartitionsWhoseEventsHaveAllExpired) {
    database_.register_type("h", "1hour");
    make_old_partition();
    EXPECT_TRUE(postgres::RetentionKeeper::keep_once(keeper_));
    EXPECT_EQ(tables_like("events_hour_2020"), 0);
    EXPECT_EQ(partitions_of("events_hour"), 4);
}

TEST_F(RetentionKeeperTest, TakesNoFurtherPartitionWhenItsTimeIsUp) {
    database_.register_type("h", "1hour");
    for (const char* at : {"00", "05", "10"}) {
        const std::string begin = std::string("2020-01-01 00:") + at + ":00+00";
        database_.sql().run("create table headwater.events_hour_20200101_00" + std::string(at) +
                            "00 partition of headwater.events_hour for values from ('" + begin +
                            "') to (timestamptz '" + begin + "' + interval '5 minutes')");
    }
    const auto first = postgres::drop_expired_partitions(keeper_, 1ns);
    EXPECT_EQ(first.count, 1U);
    EXPECT_FALSE(first.is_all);
    EXPECT_EQ(tables_like("events_hour_2020"), 2);
    const auto others = postgres::drop_expired_partitions(keeper_, 1h);
    EXPECT_EQ(others.count, 2U);
    EXPECT_TRUE(others.is_all);
    EXPECT_EQ(tables_like("events_hour_2020"), 0);
    EXPECT_EQ(partitions_of("events_hour"), 4);
}

TEST_F(RetentionKeeperTest, LeavesPartitionsOfAnotherNameAlone) {
    database_.sql().run(
        "create table headwater.archive partition of headwater.events_hour "
        "for values from ('2019-01-01') to ('2019-01-02')");
    make_old_partition();
    EXPECT_TRUE(postgres::RetentionKeeper::keep_once(keeper_));
    EXPECT_EQ(tables_like("archive"), 1);
    EXPECT_EQ(tables_like("events_hour_2020"), 0);
}

TEST_F(RetentionKeeperTest, FinishesADetachThatWasInterrupted) {
    make_old_partition();
    // Detached, and the server died before the drop; another: the detach itself was cut short.
    database_.sql().run(
        "alter table headwater.events_hour detach partition headwater.events_hour_20200101_000000");
    EXPECT_TRUE(postgres::RetentionKeeper::keep_once(keeper_));
    EXPECT_EQ(tables_like("events_hour_2020"), 0);
}

TEST_F(RetentionKeeperTest, LeavesAPartitionAloneWhileAReaderHoldsItAndAppendsGoOn) {
    const auto type = database_.register_type("h", "1hour");
    make_old_partition();
    postgres::Connection reader(database_.settings());
    {
        postgres::Transaction reading(reader);
        reading.query("select count(*) from headwater.events");
        EXPECT_TRUE(postgres::RetentionKeeper::keep_once(keeper_));
        EXPECT_EQ(database_.append({make_new_event(type, "1")}).events[0].id, EventId{1});
        EXPECT_EQ(tables_like("events_hour_2020"), 1);
    }
    EXPECT_TRUE(postgres::RetentionKeeper::keep_once(keeper_));
    EXPECT_EQ(tables_like("events_hour_2020"), 0);
}

/// Events of a minute that is long over, and streams that stand somewhere in it.
class RetentionKeeperExpiryTest : public RetentionKeeperTest {
  protected:
    void SetUp() override {
        database_.sql().run(
            "create table headwater.events_minute_20200101_000000 partition of headwater.events_minute "
            "for values from ('2020-01-01 00:00:00+00') to ('2020-01-01 00:00:15+00');"
            "insert into headwater.events (id, created_at, expires_at, type_id, class, payload_base64, meta, "
            "payload) "
            "select n, timestamptz '2020-01-01' + n * interval '1 ms', timestamptz '2020-01-01 00:01' + n * "
            "interval '1 ms', " +
            std::to_string(short_->id.value) +
            ", 1, false, '', '1' from generate_series(1, 1000) n;"
            "select setval('headwater.log_head', 1000)");
    }
    /// A stream that has delivered everything up to this id.
    std::int64_t add_stream(const std::string& name, std::int64_t cursor, const std::string& types = "{x:*}",
                            const std::string& created_at = "2019-12-31") {
        return database_.number(
            "insert into headwater.streams (name, source, destination, stream_order, types, cursor_id, "
            "cursor_at, "
            "created_at) values ('" +
            name + "', 'rabbit', '{}', 'loose', '" + types + "', " + std::to_string(cursor) +
            ", timestamptz '2020-01-01' + " + std::to_string(cursor) + " * interval '1 ms', '" + created_at +
            "') returning stream_id");
    }
    std::int64_t expired(std::int64_t stream) {
        return database_.number("select expired from headwater.streams where stream_id = " +
                                std::to_string(stream));
    }
    void move(std::int64_t stream, std::int64_t cursor) {
        database_.sql().run("update headwater.streams set cursor_id = " + std::to_string(cursor) +
                            ", cursor_at = clock_timestamp() where stream_id = " + std::to_string(stream));
    }

    EventTypePtr short_ = database_.register_type("x:short", "1minute");
};

TEST_F(RetentionKeeperExpiryTest, CountsWhatAStreamHasNotDeliveredBeforeThePartitionGoes) {
    const auto behind = add_stream("behind", 400);
    const auto done = add_stream("done", 1000);
    const auto other = add_stream("other", 0, "{y:*}");
    const auto late = add_stream("late", 0, "{}", "2020-01-01 00:01:00.900Z");
    database_.sql().run("update headwater.streams set is_paused = true where name = 'behind'");
    EXPECT_TRUE(postgres::RetentionKeeper::keep_once(keeper_));
    EXPECT_EQ(tables_like("events_minute_2020"), 0) << "a paused stream holds nothing up";
    EXPECT_EQ(expired(behind), 600);
    EXPECT_EQ(expired(done), 0);
    EXPECT_EQ(expired(other), 0);
    EXPECT_EQ(expired(late), 100) << "what had expired before it was made is not its loss";
}

TEST_F(RetentionKeeperExpiryTest, ReadersThatCountSeeWhatHasExpired) {
    LogRead read{.after = {Position{400}, Timestamp::min()}, .limit = 10};
    EXPECT_TRUE(database_->log_reader().read(read).events.empty());
    read.expired_since = Timestamp::min();
    const LogPage page = database_->log_reader().read(read);
    ASSERT_EQ(page.events.size(), 10U);
    EXPECT_EQ(page.events[0]->id, EventId{401});
    EXPECT_FALSE(page.is_last);
    read.expired_since = page.events[0]->expires_at;
    EXPECT_EQ(database_->log_reader().read(read).events.at(0)->id, EventId{402})
        << "made when 401 had expired";
}

TEST_F(RetentionKeeperExpiryTest, WhatWentWithItsPartitionIsNotCountedAgainWhenTheCursorPassesIt) {
    const auto stream = add_stream("s", 400);
    std::int64_t epoch = 0;
    for (const ClaimedStream& claimed : database_->lease_store().renew(7, "a").claimed) epoch = claimed.epoch;
    const Timestamp begin{std::chrono::sys_days{std::chrono::year{2020} / 1 / 1}};
    StreamProgress progress{.stream = StreamId{stream}, .epoch = epoch, .cursor = {Position{700}, begin}};
    progress.expired = {{1, begin, EventId{700}, 300}};
    EXPECT_TRUE(database_->delivery_store().save({&progress, 1}).empty());
    EXPECT_EQ(expired(stream), 300);
    EXPECT_TRUE(postgres::RetentionKeeper::keep_once(keeper_));
    EXPECT_EQ(expired(stream), 600);
    progress.cursor.position = Position{1000};
    progress.expired = {{1, begin, EventId{1000}, 300}, {1, begin + 15s, EventId{1000}, 1}};
    EXPECT_TRUE(database_->delivery_store().save({&progress, 1}).empty());
    EXPECT_EQ(expired(stream), 601) << "only what lies in another partition";
}

TEST_F(RetentionKeeperExpiryTest, CountsOnceWhenADropIsInterruptedOrHeldUp) {
    const auto stream = add_stream("s", 0);
    postgres::Connection reader(database_.settings());
    {
        postgres::Transaction reading(reader);
        reading.query("select count(*) from headwater.events");
        EXPECT_TRUE(postgres::RetentionKeeper::keep_once(keeper_));
        EXPECT_EQ(expired(stream), 1000);
        move(stream, 500);
        EXPECT_TRUE(postgres::RetentionKeeper::keep_once(keeper_));
        EXPECT_EQ(expired(stream), 1000);
    }
    EXPECT_TRUE(postgres::RetentionKeeper::keep_once(keeper_));
    EXPECT_EQ(tables_like("events_minute_2020"), 0);
    EXPECT_EQ(expired(stream), 1000);
}

TEST_F(RetentionKeeperExpiryTest, TheStandingOfAStreamTells) {
    const auto stream = add_stream("s", 0);
    EXPECT_TRUE(postgres::RetentionKeeper::keep_once(keeper_));
    const StreamId id{stream};
    const auto standing = database_->delivery_store().standings({&id, 1});
    ASSERT_TRUE(standing.at(0));
    EXPECT_EQ(standing[0]->expired, 1000);
}

TEST_F(RetentionKeeperExpiryTest, MatchesTypesAsTypeFiltersDo) {
    const std::vector<std::string> names{
        "x:short", "x:a:b", "y", "a.b:c", "axb:c", "room:r", "headwater:stream-state"};
    for (const std::string& name : names) database_.register_type(name);
    for (const std::string filter :
         {"", "x:*", "x:**", "*", "**", "*:*", "a.b:*", "room:*", "x:short", "x", "headwater:**"}) {
        const auto parsed = TypeFilter::parse(filter).value();
        for (const std::string& name : names) {
            EXPECT_EQ(
                database_.number("select (type_id = any (headwater.types_of(null, '{" + filter +
                                 "}')))::integer from headwater.event_types where name = '" + name + "'"),
                parsed.matches(name) ? 1 : 0)
                << filter << " " << name;
        }
    }
}

TEST_F(RetentionKeeperExpiryTest, ForgetsAcknowledgementsOfEventsThatAreGone) {
    Acknowledgement acknowledgement{
        .client = "c", .ids = {EventId{7}, EventId{5000}, EventId{9000}}, .through = {}, .types = {}};
    const Acknowledgement* all[] = {&acknowledgement};
    database_->ack_store().apply(all);
    database_.sql().run("select setval('headwater.log_head', 8999)");
    database_.append({make_new_event(database_.register_type("kept"), "1")});
    EXPECT_TRUE(postgres::RetentionKeeper::keep_once(keeper_));
    EXPECT_EQ(database_.number("select count(*) from headwater.ack_bitmaps"), 1);
    EXPECT_EQ(database_.number("select block from headwater.ack_bitmaps"), 2);
}

TEST_F(RetentionKeeperTest, OneNodeKeepsAtATime) {
    database_.sql().query("select pg_advisory_lock(7450489205)");
    EXPECT_FALSE(postgres::RetentionKeeper::keep_once(keeper_));
}

TEST_F(RetentionKeeperTest, ForgetsEphemeralEventsAndOldBatches) {
    const auto type = database_.register_type("e", "ephemeral");
    database_.append({make_new_event(type, "1")});
    database_.append({make_new_event(type, "2")});
    database_.sql().run(
        "update headwater.ephemeral_events set created_at = created_at - interval '61 seconds' where id = 1");
    database_.sql().run(
        "update headwater.append_batches set clock = clock - interval '11 minutes' where number = 1");
    EXPECT_TRUE(postgres::RetentionKeeper::keep_once(keeper_));
    EXPECT_EQ(database_.number("select count(*) from headwater.ephemeral_events"), 1);
    EXPECT_EQ(database_.number("select count(*) from headwater.append_batches"), 1);
}

TEST_F(RetentionKeeperTest, ForgetsFailingEventsThatHaveExpiredAndReplaysThatEndedLongAgo) {
    database_.sql().run(
        "insert into headwater.streams (name, source, destination, stream_order, cursor_id, cursor_at) "
        "values ('s', 'rabbit', '{}', 'loose', 0, 'epoch');"
        "insert into headwater.failing_events (stream_id, event_id, event_at, expires_at, state, attempts, "
        "died_at) select s.stream_id, n, 'epoch', case when n <= 2500 then clock_timestamp() else 'infinity' "
        "end, 'dead', 1, 'epoch' from headwater.streams s, generate_series(1, 2510) n;"
        "insert into headwater.replays (stream_id, after_id, through_id, only_dead, state, cursor_id, "
        "cursor_at, "
        "finished_at) select s.stream_id, 0, 1, false, replay_state, 0, 'epoch', at from headwater.streams "
        "s, "
        "(values ('done', clock_timestamp() - interval '31 days'), ('cancelled', clock_timestamp() - "
        "interval "
        "'29 days'), ('running', null)) as v(replay_state, at)");
    EXPECT_TRUE(postgres::RetentionKeeper::keep_once(keeper_));
    EXPECT_EQ(database_.number("select count(*) from headwater.failing_events"), 10);
    EXPECT_EQ(database_.number("select count(*) from headwater.replays"), 2);
    EXPECT_EQ(database_.number("select count(*) from headwater.replays where state = 'done'"), 0);
}

TEST_F(RetentionKeeperTest, AFailingEventThatExpiresIsALossOfItsStreamUnlessItWasGivenUp) {
    database_.sql().run(
        "insert into headwater.streams (name, source, destination, stream_order, cursor_id, cursor_at) "
        "values ('s', 'rabbit', '{}', 'loose', 0, 'epoch'), ('t', 'rabbit', '{}', 'loose', 0, 'epoch');"
        "insert into headwater.failing_events (stream_id, event_id, event_at, expires_at, state, attempts, "
        "died_at, next_attempt_at) select s.stream_id, n, 'epoch', case when n <= 30 then clock_timestamp() "
        "else 'infinity' end, v.state, 1, case when v.state = 'dead' then now() end, now() from "
        "headwater.streams s, generate_series(1, 40) n, lateral (select case n % 3 when 0 then 'dead' when 1 "
        "then 'held' else 'retrying' end) as v(state) where s.name = 's'");
    EXPECT_TRUE(postgres::RetentionKeeper::keep_once(keeper_));
    EXPECT_EQ(database_.number("select count(*) from headwater.failing_events"), 10);
    EXPECT_EQ(database_.number("select expired from headwater.streams where name = 's'"), 20);
    EXPECT_EQ(database_.number("select expired from headwater.streams where name = 't'"), 0);
}

TEST_F(RetentionKeeperTest, WorksOnItsOwnThread) {
    make_old_partition();
    database_.sql().run(
        "insert into headwater.streams (name, source, destination, stream_order, cursor_id, cursor_at, "
        "expired) "
        "values ('s', 'rabbit', '{}', 'loose', 0, 'epoch', 7), ('t', 'rabbit', '{}', 'loose', 0, 'epoch', "
        "0)");
    std::atomic<std::int64_t> lost{0};
    postgres::RetentionKeeper keeper(
        database_.settings(),
        [&](const auto& losses) {
            if (losses.size() == 1 && losses.contains("s")) lost = losses.at("s");
        },
        10ms);
    EXPECT_TRUE(eventually(5s, [&] { return tables_like("events_hour_2020") == 0 && lost == 7; }));
}

TEST_F(RetentionKeeperTest, NodesMakePartitionsAtTheSameMoment) {
    std::vector<std::jthread> threads;
    std::atomic<int> failures{0};
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            try {
                postgres::Connection connection(database_.settings());
                for (const RetentionClass& rung : retention_classes()) {
                    make_partitions_ahead(connection, postgres::partitioned_table_of(rung));
                }
            } catch (const std::exception& error) {
                ADD_FAILURE() << error.what();
            }
        });
    }
    threads.clear();
    EXPECT_EQ(partitions_of("events_minute"), 4);
}

}  // namespace
}  // namespace headwater::testing
