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
    EXPECT_EQ(partitions_of("events_week"), 0);
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

TEST_F(RetentionKeeperTest, WorksOnItsOwnThread) {
    make_old_partition();
    postgres::RetentionKeeper keeper(database_.settings(), 10ms);
    EXPECT_TRUE(eventually(5s, [&] { return tables_like("events_hour_2020") == 0; }));
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
