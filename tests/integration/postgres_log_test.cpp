// What the log promises when things go wrong; the contract suite (event_log_test.cpp) has what every log
// does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <random>
#include <set>
#include <thread>

#include "tests/support/eventually.hpp"
#include "tests/support/memory_log.hpp"
#include "tests/support/tcp_proxy.hpp"
#include "tests/support/test_database.hpp"

namespace headwater::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

class PostgresLog : public ::testing::Test {
  protected:
    NewEvent event(std::string payload = "1") { return make_new_event(type_, std::move(payload)); }
    NewEvent keyed(unsigned char key) {
        NewEvent made = event();
        made.key = {Digest{key}, Digest{}};
        return made;
    }
    std::int64_t stored() { return database_.number("select count(*) from headwater.events"); }

    /// Holds the log's lock, so that an append waits for it.
    std::unique_ptr<postgres::Transaction> hold_log() {
        auto held = std::make_unique<postgres::Transaction>(database_.sql());
        held->query("select headwater.lock_log()");
        return held;
    }
    /// Ends the session of an append that waits for the lock.
    bool end_waiting_append() {
        postgres::Connection killer(database_.settings());
        return eventually(5s, [&] {
            return !killer
                        .query(
                            "select pg_terminate_backend(pid) from pg_stat_activity where datname = "
                            "current_database() "
                            "and wait_event = 'advisory' and application_name = 'headwater appender'")
                        .empty();
        });
    }

    TestDatabase database_;
    EventTypePtr type_ = database_.register_type("a");
    std::unique_ptr<LogWriter> writer_ = database_->make_log_writer();
};

TEST_F(PostgresLog, AnAppendWhoseSessionDiesStoresNothingAndCanBeRepeated) {
    append_to(*writer_, 1, 1, {event()});
    auto held = hold_log();
    auto lost = std::async(std::launch::async, [&] { return append_to(*writer_, 1, 2, {event(), event()}); });
    ASSERT_TRUE(end_waiting_append());
    EXPECT_THROW(lost.get(), Unavailable);
    held.reset();
    EXPECT_EQ(append_to(*writer_, 1, 2, {event(), event()}).events[1].id, EventId{3});
    EXPECT_EQ(stored(), 3);
}

TEST_F(PostgresLog, AnAppendWhoseAnswerIsLostIsStoredOnce) {
    TcpProxy link(shared_postgres().socket_path());
    postgres::Database behind_link({.url = database_.url_through(link.port())});
    const auto writer = behind_link.make_log_writer();
    append_to(*writer, 1, 1, {event()});
    link.withhold_answers();
    auto lost = std::async(std::launch::async, [&] { return append_to(*writer, 1, 2, {event(), keyed(1)}); });
    ASSERT_TRUE(eventually(5s, [&] { return stored() == 3; }))
        << "the commit happens, its answer is withheld";
    link.drop_connections();
    EXPECT_THROW(lost.get(), Unavailable);
    link.mend();
    const AppendResult again = append_to(*writer, 1, 2, {event(), keyed(1)});
    EXPECT_EQ(again.previous_head, Position{1});
    EXPECT_EQ(again.events[1].id, EventId{3});
    EXPECT_EQ(again.events[1].outcome, Appended::Outcome::stored);
    EXPECT_EQ(stored(), 3);
}

TEST_F(PostgresLog, AnAppendThatRunsOutOfTimeIsUnavailable) {
    postgres::Database impatient({.url = database_.url(), .append_timeout = 50ms});
    const auto writer = impatient.make_log_writer();
    append_to(*writer, 9, 1, {event()});
    auto held = hold_log();
    EXPECT_THROW(append_to(*writer, 9, 2, {event()}), Unavailable);
    held.reset();
    EXPECT_EQ(append_to(*writer, 9, 2, {event()}).events[0].id, EventId{2});
}

TEST_F(PostgresLog, ALateTwinOfABatchFindsItStored) {
    auto held = hold_log();
    const auto twin = database_->make_log_writer();
    auto first = std::async(std::launch::async, [&] { return append_to(*writer_, 1, 1, {event()}); });
    auto second = std::async(std::launch::async, [&] { return append_to(*twin, 1, 1, {event()}); });
    held.reset();
    EXPECT_EQ(first.get().events[0].id, second.get().events[0].id);
    EXPECT_EQ(stored(), 1);
}

TEST_F(PostgresLog, MissingPartitionsAreMadeByTheAppendThatMeetsThem) {
    append_to(*writer_, 1, 1, {event()});
    for (const char* table : {"events_permanent", "idempotency"}) {
        database_.sql().run(
            std::string("do $$ declare r record; begin for r in select inhrelid::regclass as name from "
                        "pg_inherits where inhparent = 'headwater.") +
            table + "'::regclass loop execute 'drop table ' || r.name; end loop; end $$");
    }
    EXPECT_EQ(append_to(*writer_, 1, 2, {keyed(1)}).events[0].outcome, Appended::Outcome::stored);
    EXPECT_EQ(stored(), 1);
}

TEST_F(PostgresLog, ARowThatPostgresqlRefusesIsRejectedAndNothingIsStored) {
    const std::string with_nul("\"a\0b\"", 5);
    EXPECT_THROW(append_to(*writer_, 1, 1, {event(), event(with_nul)}), DataRejected);
    EXPECT_THROW(append_to(*writer_, 1, 2, {event("\"\xff\"")}), DataRejected);
    EXPECT_EQ(stored(), 0);
    EXPECT_EQ(append_to(*writer_, 1, 3, {event()}).events[0].outcome, Appended::Outcome::stored);
}

TEST_F(PostgresLog, OnAnotherPostgresqlTheHeadJumpsToTheNextMultipleOfTwoToThe32) {
    append_to(*writer_, 1, 1, {event()});
    database_.sql().run("update headwater.log_identity set timeline = timeline + 1");
    const auto next = database_->make_log_writer();
    const AppendResult result = append_to(*next, 2, 1, {event()});
    EXPECT_EQ(result.previous_head, Position{1LL << 32});
    EXPECT_EQ(append_to(*database_->make_log_writer(), 3, 1, {event()}).previous_head,
              Position{(1LL << 32) + 1});
    EXPECT_EQ(database_->log_reader().read({}).events.size(), 3U);
}

TEST_F(PostgresLog, TheHeadAndTheClockNeverStandBelowTheNewestStoredEvent) {
    const AppendResult last = append_to(*writer_, 1, 1, {event(), event(), event()});
    database_.sql().run("select setval('headwater.log_head', 1), setval('headwater.log_clock', 1)");
    const AppendResult next = append_to(*database_->make_log_writer(), 2, 1, {event()});
    EXPECT_EQ(next.previous_head, Position{3});
    EXPECT_GE(next.clock, last.clock);
}

TEST_F(PostgresLog, AClockThatStandsAheadStandsStill) {
    const Timestamp ahead = std::chrono::floor<std::chrono::microseconds>(database_->clock_now() + 30s);
    database_.sql().run("select setval('headwater.log_clock', " +
                        std::to_string(ahead.time_since_epoch().count()) + ")");
    const AppendResult result = append_to(*writer_, 1, 1, {event()});
    EXPECT_EQ(result.clock, ahead);
    EXPECT_LT(result.database_now, ahead);
    EXPECT_EQ(database_->log_reader().advance_clock().clock, ahead);
}

TEST_F(PostgresLog, ExpiredEventsAreHiddenAtOnce) {
    const auto brief = database_.register_type("brief", "1hour");
    append_to(*writer_, 1, 1, {make_new_event(brief, "1"), event()});
    EXPECT_EQ((*database_->log_reader().find(EventId{1}))->expires_at,
              (*database_->log_reader().find(EventId{1}))->created_at + 1h);
    database_.sql().run("update headwater.events set expires_at = clock_timestamp() where id = 1");
    EXPECT_FALSE(database_->log_reader().find(EventId{1}));
    EXPECT_EQ(database_->log_reader().read({}).events.size(), 1U);
}

TEST_F(PostgresLog, FindsAnyIdOfALongLog) {
    std::vector<NewEvent> batch(1500, event());
    for (int i = 0; i < 8; ++i) append_to(*writer_, 1, i + 1, batch);
    EXPECT_GT(database_.number("select count(*) from headwater.log_times"), 1);
    for (const std::int64_t id : {1, 1500, 1501, 4096, 6000, 11999, 12000}) {
        ASSERT_TRUE(database_->log_reader().find(EventId{id})) << id;
        const auto next = database_->log_reader().read(
            {.after = database_->log_reader().cursor_at(Position{id - 1}), .limit = 1});
        EXPECT_EQ(next.events.at(0)->id, EventId{id});
    }
}

TEST_F(PostgresLog, FindsTheFewEventsOfATypeInALongLog) {
    const auto rare = database_.register_type("rare");
    std::vector<NewEvent> batch(2000, event());
    append_to(*writer_, 1, 1, {make_new_event(rare, "1")});
    for (int i = 0; i < 12; ++i) append_to(*writer_, 1, i + 2, batch);
    append_to(*writer_, 1, 20, {make_new_event(rare, "2")});
    const LogPage page = database_->log_reader().read({.type = "rare", .limit = 2});
    EXPECT_EQ(page.events.size(), 2U);
    EXPECT_TRUE(page.is_last);
    const LogPage first = database_->log_reader().read({.type = "rare", .limit = 1});
    EXPECT_FALSE(first.is_last);
    EXPECT_EQ(database_->log_reader().read({.through = Position{24'001}, .type = "rare"}).events.size(), 1U);
}

TEST_F(PostgresLog, OneOfTwoEqualKeysAtTheSameMomentWins) {
    for (unsigned char key = 1; key <= 20; ++key) {
        const auto other = database_->make_log_writer();
        auto held = hold_log();
        auto first =
            std::async(std::launch::async, [&] { return append_to(*writer_, 1, key, {keyed(key)}); });
        auto second = std::async(std::launch::async, [&] { return append_to(*other, 2, key, {keyed(key)}); });
        held.reset();
        const Appended a = first.get().events[0];
        const Appended b = second.get().events[0];
        EXPECT_EQ(a.id, b.id);
        EXPECT_EQ((a.outcome == Appended::Outcome::stored) + (b.outcome == Appended::Outcome::stored), 1);
    }
    EXPECT_EQ(stored(), 20);
}

TEST_F(PostgresLog, ATailingReaderMissesNothingWhileFourWritersAppend) {
    constexpr int kWriters = 4;
    constexpr int kBatches = 60;
    std::atomic<int> running{kWriters};
    std::atomic<std::int64_t> written{0};
    const auto ephemeral = database_.register_type("e", "ephemeral");
    std::vector<std::jthread> threads;
    for (int i = 1; i <= kWriters; ++i) {
        threads.emplace_back([&, i] {
            std::mt19937 random(static_cast<unsigned>(i));
            const auto writer = database_->make_log_writer();
            for (int batch = 1; batch <= kBatches; ++batch) {
                std::vector<NewEvent> events(random() % 5 + 1, event());
                events.push_back(make_new_event(ephemeral, "1"));
                written += static_cast<std::int64_t>(events.size());
                append_to(*writer, 10 + i, batch, events);
                std::this_thread::sleep_for(std::chrono::microseconds(random() % 3000));
            }
            --running;
        });
    }
    Cursor cursor;
    std::int64_t seen = 0;
    for (bool is_last_look = false; !is_last_look;) {
        is_last_look = running == 0;
        while (true) {
            const LogPage page =
                database_->log_reader().read({.after = cursor, .limit = 50, .with_ephemeral = true});
            for (const EventPtr& one : page.events) {
                ASSERT_EQ(one->id.value, ++seen) << "a gap or a step back";
                cursor = {one->id, one->created_at};
            }
            if (page.is_last) break;
        }
    }
    EXPECT_EQ(seen, written);
}

}  // namespace
}  // namespace headwater::testing
