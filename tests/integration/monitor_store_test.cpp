// Monitors against a real PostgreSQL, whose clock alone decides.
#include "core/monitor_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "tests/support/eventually.hpp"
#include "tests/support/test_database.hpp"

namespace headwater::testing {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class MonitorStoreTest : public ::testing::Test {
  protected:
    MonitorStoreTest() : store_(db_->monitor_store()) {
        db_.register_type("monitor:dead", "1year");
        db_.register_type("monitor:ok", "1year");
        writer_ = db_->make_check_in_writer();
        late_ = db_->make_late_monitors();
    }

    static MonitorDefinition definition(const std::string& every = "4hours", int threshold = 1) {
        return {"backup", "of everything", {parse_monitor_interval(every).value(), threshold}, {}};
    }
    Monitor create(const std::string& key, const std::string& every = "4hours", int threshold = 1) {
        return store_.create(definition(every, threshold), hash_of_monitor_key(key));
    }
    CheckInOutcome check_in(std::optional<MonitorId> id, const std::string& key,
                            CheckIn::Kind kind = CheckIn::Kind::ok) {
        const CheckIn one{id, hash_of_monitor_key(key), kind};
        return writer_->record({&one, 1}).outcomes.at(0);
    }
    Monitor stored(const Monitor& monitor) { return store_.find(monitor.id).value(); }
    /// As if it had been due this long ago.
    void make_late(const Monitor& monitor, const std::string& by = "1 second") {
        db_.sql().run("update headwater.monitors set due_at = statement_timestamp() - interval '" + by +
                      "', look_at = statement_timestamp() - interval '" + by +
                      "' where monitor_id = " + to_string(monitor.id));
    }
    std::int64_t events(const std::string& type) {
        return db_.number(
            "select count(*) from headwater.events e join headwater.event_types t using (type_id) "
            "where t.name = '" +
            type + "'");
    }
    std::string payload() {
        return db_.sql()
            .query("select payload from headwater.events order by created_at desc, id desc limit 1")[0][0]
            .c_str();
    }

    TestDatabase db_;
    MonitorStore& store_;
    std::unique_ptr<CheckInWriter> writer_;
    std::unique_ptr<LateMonitors> late_;
};

TEST_F(MonitorStoreTest, IsUnknownUntilItChecksIn) {
    const Monitor made = create("k");
    EXPECT_EQ(made.status, MonitorStatus::Unknown);
    EXPECT_EQ(made.due_at, std::nullopt);
    EXPECT_EQ(made.definition.rule.every, parse_retention("4hours").value());
    EXPECT_EQ(check_in(made.id, "k"), CheckInOutcome::recorded);
    const Monitor now = stored(made);
    EXPECT_EQ(now.status, MonitorStatus::Ok);
    EXPECT_EQ(now.check_ins, std::vector<Timestamp>{now.checked_in_at.value()});
    EXPECT_EQ(now.due_at.value() - now.checked_in_at.value(), hours(8))
        << "(threshold + 1) times the interval";
    const auto flips = store_.flips(made.id, 10);
    ASSERT_EQ(flips.size(), 1U);
    EXPECT_EQ(flips[0].from, MonitorStatus::Unknown);
    EXPECT_EQ(flips[0].event, std::nullopt);
    EXPECT_EQ(events("monitor:ok"), 0) << "the first check-in is no news";
}

TEST_F(MonitorStoreTest, TellsAWrongKeyFromAnUnknownMonitor) {
    const Monitor made = create("k");
    create("other");
    EXPECT_EQ(check_in(made.id, "other"), CheckInOutcome::wrong_key);
    EXPECT_EQ(check_in(MonitorId{4711}, "k"), CheckInOutcome::unknown_monitor);
    EXPECT_EQ(check_in(std::nullopt, "k"), CheckInOutcome::recorded);
    EXPECT_EQ(check_in(std::nullopt, "nobody's"), CheckInOutcome::unknown_monitor);
    EXPECT_TRUE(store_.set_key(made.id, hash_of_monitor_key("new")));
    EXPECT_EQ(check_in(made.id, "k"), CheckInOutcome::wrong_key);
    EXPECT_EQ(check_in(made.id, "new"), CheckInOutcome::recorded);
    EXPECT_EQ(stored(made).check_ins.size(), 2U);
}

TEST_F(MonitorStoreTest, RecordsABatchWithRepeatsAndKeepsTheNewest) {
    const Monitor one = create("1"), two = create("2");
    std::vector<CheckIn> batch(30, CheckIn{one.id, hash_of_monitor_key("1"), CheckIn::Kind::ok});
    batch.push_back({two.id, hash_of_monitor_key("2"), CheckIn::Kind::ok});
    batch.push_back({two.id, hash_of_monitor_key("1"), CheckIn::Kind::ok});
    const CheckInsRecorded recorded = writer_->record(batch);
    ASSERT_EQ(recorded.outcomes.size(), 32U);
    EXPECT_EQ(recorded.outcomes[30], CheckInOutcome::recorded);
    EXPECT_EQ(recorded.outcomes[31], CheckInOutcome::wrong_key);
    EXPECT_EQ(stored(one).check_ins.size(), 25U);
    EXPECT_EQ(stored(two).check_ins.size(), 1U);
}

TEST_F(MonitorStoreTest, DiesOnceAndComesBackOnce) {
    const Monitor made = create("k");
    check_in(made.id, "k");
    EXPECT_TRUE(late_->turn().delays.empty());
    make_late(made);
    const LateRound round = late_->turn();
    ASSERT_EQ(round.delays.size(), 1U);
    EXPECT_GT(round.delays[0], 0.9);
    EXPECT_EQ(round.next, std::nullopt) << "nothing else waits";
    EXPECT_EQ(stored(made).status, MonitorStatus::Dead);
    EXPECT_EQ(events("monitor:dead"), 1);
    EXPECT_THAT(payload(), HasSubstr(R"("status":"Dead","previous":"Ok","reason":"late")"));
    EXPECT_TRUE(late_->turn().delays.empty());
    EXPECT_EQ(events("monitor:dead"), 1) << "silence after";

    EXPECT_EQ(check_in(made.id, "k"), CheckInOutcome::recorded);
    EXPECT_EQ(check_in(made.id, "k"), CheckInOutcome::recorded);
    EXPECT_EQ(events("monitor:ok"), 1);
    EXPECT_THAT(payload(), HasSubstr("\"downtime_seconds\":"));
    const Monitor back = stored(made);
    EXPECT_EQ(back.status, MonitorStatus::Ok);
    EXPECT_EQ(back.check_ins.size(), 3U);
    EXPECT_TRUE(back.due_at.has_value());
    EXPECT_EQ(store_.flips(made.id, 10).size(), 3U);
    EXPECT_EQ(store_.flips(made.id, 1)[0].event.value().value, 2);
}

TEST_F(MonitorStoreTest, AReportedFailureIsDeadAtOnce) {
    const Monitor made = create("k");
    EXPECT_EQ(check_in(made.id, "k", CheckIn::Kind::fail), CheckInOutcome::recorded);
    EXPECT_EQ(check_in(made.id, "k", CheckIn::Kind::fail), CheckInOutcome::recorded);
    EXPECT_EQ(stored(made).status, MonitorStatus::Dead);
    EXPECT_EQ(events("monitor:dead"), 1);
    EXPECT_EQ(check_in(made.id, "x", CheckIn::Kind::fail), CheckInOutcome::wrong_key);
}

TEST_F(MonitorStoreTest, CountsCalendarUnitsInUtc) {
    const Monitor made = create("k", "1month", 0);
    check_in(made.id, "k");
    db_.sql().run(
        "update headwater.monitors set checked_in_at = '2024-01-31 12:00Z', status_since = '2024-01-31 "
        "12:00Z'");
    const Monitor changed = store_.change(made.id, definition("1month", 0)).value();
    EXPECT_EQ(format_time(changed.due_at.value()), "2024-02-29T12:00:00.000000Z");
    const Monitor twice = store_.change(made.id, definition("1month", 1)).value();
    EXPECT_EQ(format_time(twice.due_at.value()), "2024-03-31T12:00:00.000000Z");
    db_.sql().run("set timezone = 'Europe/Berlin'");
    EXPECT_EQ(db_.number("select headwater.to_micros(headwater.monitor_due('2024-03-30 12:00Z', '1 day')) - "
                         "headwater.to_micros('2024-03-31 12:00Z')"),
              0);
}

TEST_F(MonitorStoreTest, AShorterRuleCountsFromTheLastCheckIn) {
    const Monitor made = create("k", "1day", 0);
    check_in(made.id, "k");
    const Monitor changed = store_.change(made.id, definition("1hour", 0)).value();
    EXPECT_EQ(changed.due_at.value() - changed.checked_in_at.value(), hours(1));
    EXPECT_EQ(db_.number("select count(*) from headwater.monitors where look_at <= due_at"), 1);
}

TEST_F(MonitorStoreTest, APausedMonitorIsNeverLate) {
    const Monitor made = create("k");
    check_in(made.id, "k");
    EXPECT_TRUE(store_.set_paused(made.id, true)->is_paused);
    EXPECT_EQ(stored(made).due_at, std::nullopt);
    EXPECT_TRUE(late_->turn().delays.empty());
    EXPECT_EQ(check_in(made.id, "k"), CheckInOutcome::recorded);
    EXPECT_EQ(stored(made).due_at, std::nullopt);
    const Monitor resumed = store_.set_paused(made.id, false).value();
    EXPECT_GT(resumed.due_at.value() - resumed.checked_in_at.value(), hours(8)) << "a whole period from now";
    EXPECT_FALSE(store_.set_paused(MonitorId{99}, true).has_value());
}

TEST_F(MonitorStoreTest, ACheckInMovesNoIndexAndIsLookedAtLater) {
    const Monitor made = create("k");
    check_in(made.id, "k");
    db_.sql().run("update headwater.monitors set look_at = statement_timestamp() - interval '1 second'");
    check_in(made.id, "k");
    EXPECT_EQ(db_.number("select count(*) from headwater.monitors where look_at < clock_timestamp()"), 1);
    const LateRound round = late_->turn();
    EXPECT_TRUE(round.delays.empty());
    EXPECT_GT(round.next.value(), hours(7));
    EXPECT_EQ(db_.number("select count(*) from headwater.monitors where look_at = due_at"), 1);
}

TEST_F(MonitorStoreTest, EveryTransitionHappensOnceHoweverManyNodesTurn) {
    std::vector<Monitor> monitors;
    for (int i = 0; i < 300; ++i) {
        monitors.push_back(create(std::to_string(i)));
        check_in(monitors.back().id, std::to_string(i));
    }
    db_.sql().run(
        "update headwater.monitors set due_at = statement_timestamp(), look_at = statement_timestamp()");
    std::vector<std::jthread> nodes;
    for (int i = 0; i < 3; ++i) {
        nodes.emplace_back([this] {
            const auto other = db_->make_late_monitors();
            for (int round = 0; round < 10; ++round) static_cast<void>(other->turn());
        });
    }
    nodes.clear();
    EXPECT_EQ(events("monitor:dead"), 300);
    EXPECT_EQ(
        db_.number("select count(distinct event_id) from headwater.monitor_flips where to_status = 'Dead'"),
        300);
    // And back, while others come too late with their deaths.
    std::vector<std::jthread> reporters;
    for (int i = 0; i < 2; ++i) {
        reporters.emplace_back([&, i] {
            const auto mine = db_->make_check_in_writer();
            std::vector<CheckIn> batch;
            for (std::size_t n = 0; n < monitors.size(); ++n) {
                const std::size_t at = i == 0 ? n : monitors.size() - 1 - n;
                batch.push_back(
                    {monitors[at].id, hash_of_monitor_key(std::to_string(at)), CheckIn::Kind::ok});
            }
            for (const auto outcome : mine->record(batch).outcomes)
                EXPECT_EQ(outcome, CheckInOutcome::recorded);
        });
    }
    reporters.clear();
    EXPECT_EQ(events("monitor:ok"), 300);
    EXPECT_EQ(db_.number("select count(*) from headwater.monitors where status = 'Ok'"), 300);
}

TEST_F(MonitorStoreTest, ACheckInThatRacesWithDeathIsNotLost) {
    const Monitor made = create("k");
    check_in(made.id, "k");
    make_late(made);
    // Another node has turned it Dead and has not committed yet.
    postgres::Connection other(db_.settings());
    postgres::Transaction turning(other);
    turning.run("select headwater.turn_late(10)");
    std::jthread reporter([&] { EXPECT_EQ(check_in(made.id, "k"), CheckInOutcome::recorded); });
    ASSERT_TRUE(eventually(seconds(10), [&] {
        return db_.number(
                   "select count(*) from pg_stat_activity where application_name = 'headwater check-ins' "
                   "and wait_event_type = 'Lock'") > 0;
    }));
    turning.commit();
    reporter.join();
    EXPECT_EQ(stored(made).status, MonitorStatus::Ok);
    EXPECT_EQ(events("monitor:dead"), 1);
    EXPECT_EQ(events("monitor:ok"), 1);
}

TEST_F(MonitorStoreTest, NobodyWaitsForARowWithTheLogInItsHands) {
    const Monitor held = create("1"), free = create("2");
    check_in(held.id, "1");
    check_in(free.id, "2");
    make_late(held);
    make_late(free);
    postgres::Connection other(db_.settings());
    postgres::Transaction holding(other);
    holding.run("select 1 from headwater.monitors where monitor_id = " + to_string(held.id) + " for update");
    EXPECT_EQ(late_->turn().delays.size(), 1U);
    holding.commit();
    EXPECT_EQ(late_->turn().delays.size(), 1U);
}

TEST_F(MonitorStoreTest, StreamsThatNobodyNamesGo) {
    const auto put = [&](const std::string& name) {
        return db_->registry_store()
            .put_stream(
                "", {.name = name, .source = "monitor", .destination = "{}", .types = {}, .start = {}}, {})
            .value()
            .id;
    };
    const StreamId shared = put("shared"), own = put("own");
    MonitorDefinition wanted = definition();
    wanted.notices = {own, shared};
    const Monitor one = store_.create(wanted, hash_of_monitor_key("1"));
    EXPECT_THAT(stored(one).definition.notices, ElementsAre(own, shared));
    wanted.notices = {shared};
    store_.create(wanted, hash_of_monitor_key("2"));
    check_in(one.id, "1", CheckIn::Kind::fail);
    EXPECT_THAT(payload(),
                HasSubstr("\"notices\":[\"" + to_string(own) + "\",\"" + to_string(shared) + "\"]"));
    EXPECT_TRUE(store_.remove(one.id));
    EXPECT_FALSE(store_.remove(one.id));
    const std::vector<StreamId> both{own, shared};
    EXPECT_TRUE(store_.drop_unused(both));
    EXPECT_FALSE(store_.drop_unused(both));
    EXPECT_EQ(db_.number("select count(*) from headwater.streams"), 1);
    wanted.notices = {own};
    EXPECT_THROW(store_.create(wanted, hash_of_monitor_key("3")), DataRejected);
}

TEST_F(MonitorStoreTest, ListsInOrder) {
    const Monitor one = create("1"), two = create("2"), three = create("3");
    const auto page = store_.list(one.id, 1);
    ASSERT_EQ(page.size(), 1U);
    EXPECT_EQ(page[0].id, two.id);
    EXPECT_EQ(store_.list(MonitorId{}, 10).size(), 3U);
    EXPECT_EQ(store_.list(three.id, 10).size(), 0U);
}

}  // namespace
}  // namespace headwater::testing
