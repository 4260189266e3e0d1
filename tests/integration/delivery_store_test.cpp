#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <random>
#include <thread>

#include "postgres/delivery_progress.hpp"
#include "postgres/retention_keeper.hpp"
#include "tests/contract/delivery_store_contract.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/memory_log.hpp"
#include "tests/support/postgres_deliveries.hpp"

namespace headwater::testing {
namespace {

using namespace std::chrono_literals;

INSTANTIATE_TEST_SUITE_P(Postgres, DeliveryStoreContract, ::testing::Values([] {
                             return std::unique_ptr<DeliveriesUnderTest>(
                                 std::make_unique<PostgresDeliveries>());
                         }));

class DeliveryStoreTest : public ::testing::Test {
  protected:
    static constexpr Timestamp kTime{std::chrono::sys_days{std::chrono::year{2026} / 1 / 2}};

    DeliveryStore& store() { return made_.deliveries(); }
    std::vector<ClaimedStream> claim(std::int64_t process) {
        return made_.leases().renew(process, "n").claimed;
    }
    static StreamProgress progress(const ClaimedStream& stream, std::int64_t position) {
        return {.stream = stream.id, .epoch = stream.epoch, .cursor = {Position{position}, kTime}};
    }
    static Registration registration_of(int streams) {
        Registration made;
        made.type = "a";
        made.streams.emplace();
        for (int i = 0; i < streams; ++i) {
            StreamDefinition definition;
            definition.name = "s" + std::to_string(i);
            definition.source = "rabbit";
            definition.destination = "{\"x\":1}";
            definition.start = {StreamStart::Kind::after, Position{4}};
            made.streams->push_back(definition);
        }
        return made;
    }
    static FailingEvent dead(std::int64_t id) {
        FailingEvent event;
        event.id = EventId{id};
        event.at = kTime;
        event.state = FailingState::dead;
        event.died_at = kTime;
        return event;
    }

    PostgresDeliveries made_;
    TestDatabase& database_ = made_.database();
};

TEST_F(DeliveryStoreTest, ErrorsFromElsewhereAreStoredWhateverTheirBytes) {
    made_.add_streams(1);
    StreamProgress saved = progress(claim(1).at(0), 1);
    FailingEvent event;
    event.id = EventId{1};
    event.last_error = std::string("a\0b\xff", 4);
    saved.failing = {event};
    saved.standing = StreamStanding{StreamState::retrying, kTime, std::string(5'000, 'x') + "\xc3"};
    EXPECT_TRUE(store().save({&saved, 1}).empty());
    EXPECT_EQ(store().work(saved.stream, {}, 1).failing.at(0).last_error, "ab?");
    EXPECT_EQ(store().standings({{saved.stream}}).at(0)->standing.last_error, std::string(2'000, 'x'));
}

TEST_F(DeliveryStoreTest, ASaveThatPostgresTakesUpAfterANewerOneIsLeftOut) {
    made_.add_streams(1);
    const ClaimedStream stream = claim(1).at(0);
    postgres::Connection connection(database_.settings());
    StreamProgress settled = progress(stream, 5);
    settled.settled = {EventId{3}};
    StreamProgress failed_again = progress(stream, 5);
    failed_again.failing = {dead(3)};
    EXPECT_TRUE(postgres::save_progress(connection, 12, {&failed_again, 1}).empty());
    EXPECT_EQ(postgres::save_progress(connection, 11, {&settled, 1}).size(), 1U);
    EXPECT_EQ(store().count_dead({{stream.id}}).at(0), 1);
}

TEST_F(DeliveryStoreTest, TenThousandIdleStreamsAreSavedCheaply) {
    constexpr int kStreams = 10'000;
    made_.add_streams(kStreams);
    std::vector<StreamProgress> all;
    for (const ClaimedStream& stream : claim(1)) all.push_back(progress(stream, 1));
    ASSERT_EQ(all.size(), static_cast<std::size_t>(kStreams));
    constexpr int kRounds = 8;
    std::chrono::milliseconds slowest{0};
    for (int round = 2; round < 2 + kRounds; ++round) {
        for (StreamProgress& one : all) one.cursor.position = Position{round};
        const auto began = std::chrono::steady_clock::now();
        EXPECT_TRUE(store().save(all).empty());
        slowest = std::max(slowest, std::chrono::duration_cast<std::chrono::milliseconds>(
                                        std::chrono::steady_clock::now() - began));
    }
    EXPECT_EQ(database_.number("select count(*) from headwater.streams where cursor_id = 9"), kStreams);
    const auto updates = [&](const char* which) {
        return database_.number(std::string("select ") + which +
                                " from pg_stat_user_tables where relid = 'headwater.streams'::regclass");
    };
    // The claim moved each row once, off its page; sessions report a little late.
    ASSERT_TRUE(eventually(20s, [&] { return updates("n_tup_upd") >= kStreams * (kRounds + 1); }));
    RecordProperty("hot_updates", static_cast<int>(updates("n_tup_hot_upd")));
    RecordProperty("slowest_ms", static_cast<int>(slowest.count()));
    EXPECT_GT(updates("n_tup_hot_upd"), kStreams * kRounds * 8 / 10);
}

TEST_F(DeliveryStoreTest, WhateverAnOperatorDoesIsToldToAllNodes) {
    const StreamId stream = made_.add_stream(StreamOrder::strict);
    StreamProgress saved = progress(claim(1).at(0), 1);
    saved.failing = {dead(2), dead(3)};
    store().save({&saved, 1});
    std::atomic<int> told{0};
    std::atomic<bool> is_connected{false};
    const auto listener = database_->make_listener({.on_log = [] {},
                                                    .on_registry = [] {},
                                                    .on_stream =
                                                        [&](std::optional<StreamId> which) {
                                                            if (which == stream) ++told;
                                                            if (!which) is_connected = true;
                                                        }});
    ASSERT_TRUE(eventually(5s, [&] { return is_connected.load(); }));
    int expected = 0;
    const auto is_told = [&] { return eventually(5s, [&, next = ++expected] { return told >= next; }); };
    ASSERT_TRUE(store().retry_dead(stream, EventId{2}) && is_told());
    ASSERT_TRUE(store().retry_dead(stream, std::nullopt) && is_told());
    saved.failing = {dead(4)};
    store().save({&saved, 1});
    ASSERT_TRUE(store().remove_dead(stream, EventId{4}) && is_told());
    ASSERT_TRUE(store().skip(stream, EventId{5}) && is_told());
    const auto replay = store().start_replay(stream, {Position{0}, Position{9}, false, {}});
    ASSERT_TRUE(replay && is_told());
    ASSERT_TRUE(store().cancel_replay(stream, replay->id) && is_told());
    EXPECT_EQ(told, expected);
}

TEST_F(DeliveryStoreTest, AProcessThatSavesWhileItLosesItsStreamMovesNothingAfterTheClaim) {
    made_.add_streams(1);
    ClaimedStream held = claim(1).at(0);
    for (std::int64_t next = 2; next < 22; ++next) {
        std::atomic<std::int64_t> confirmed{held.cursor.position.value};
        std::jthread saver([&, position = held.cursor.position.value]() mutable {
            while (true) {
                StreamProgress one = progress(held, ++position);
                one.failing = {dead(position)};
                if (!store().save({&one, 1}).empty()) return;
                confirmed = position;
            }
        });
        ASSERT_TRUE(eventually(5s, [&, before = confirmed.load()] { return confirmed > before + 1; }));
        made_.expire(next - 1);
        const auto claimed = claim(next);
        saver.join();
        ASSERT_EQ(claimed.size(), 1U);
        EXPECT_EQ(claimed[0].cursor.position.value, confirmed) << "exactly what was confirmed to the saver";
        EXPECT_EQ(made_.cursor(held.id), claimed[0].cursor);
        EXPECT_EQ(database_.number("select max(event_id) from headwater.failing_events"), confirmed);
        held = claimed[0];
    }
}

TEST_F(DeliveryStoreTest, ARetryIsNotLostToTheSavesOfTheOwner) {
    made_.add_streams(1);
    const ClaimedStream stream = claim(1).at(0);
    for (std::int64_t id = 1; id <= 50; ++id) {
        StreamProgress saved = progress(stream, id);
        saved.failing = {dead(id)};
        store().save({&saved, 1});
        std::jthread repeating([&] { store().save({&saved, 1}); });
        EXPECT_EQ(store().retry_dead(stream.id, EventId{id}), 1);
    }
    EXPECT_EQ(store().count_dead({{stream.id}}).at(0), 0);
    EXPECT_EQ(store().work(stream.id, {}, 100).failing.size(), 50U);
}

/// Saves, claims, operators, registrations and retention on the same rows at once: nobody fails, which a
/// deadlock would make somebody do.
TEST_F(DeliveryStoreTest, NobodyWaitsForSomebodyWhoWaitsForHim) {
    constexpr std::size_t kStreams = 46;
    made_.add_streams(40);
    Registration registration = registration_of(6);
    ASSERT_TRUE(database_->registry_store().put(registration));
    std::vector<ClaimedStream> streams = claim(1);
    const auto until = std::chrono::steady_clock::now() + 3s;
    const auto repeat = [&](auto work) {
        return std::jthread([until, work] {
            try {
                for (unsigned i = 0; std::chrono::steady_clock::now() < until; ++i) work(i);
            } catch (const std::exception& error) {
                ADD_FAILURE() << error.what();
            }
        });
    };
    const auto save_shuffled = [&](unsigned seed) {
        std::vector<StreamProgress> all;
        for (const ClaimedStream& stream : streams) {
            StreamProgress one = progress(stream, seed);
            for (std::int64_t id = 1; id <= 20; ++id) {
                (id + seed) % 3 == 0 ? one.settled.push_back(EventId{id}) : one.failing.push_back(dead(id));
            }
            one.failing.front().expires_at = kTime;
            std::ranges::shuffle(one.failing, std::mt19937(seed));
            all.push_back(one);
        }
        std::ranges::shuffle(all, std::mt19937(seed));
        store().save(all);
    };
    std::vector<std::jthread> threads;
    threads.push_back(repeat(save_shuffled));
    threads.push_back(repeat([&](unsigned i) { save_shuffled(i * 7 + 1); }));
    threads.push_back(repeat([&](unsigned i) {
        const StreamId stream = streams[i % kStreams].id;
        static_cast<void>(store().retry_dead(stream, std::nullopt));
        static_cast<void>(store().start_replay(stream, {Position{0}, Position{9}, false, {}}));
        for (const Replay& replay : store().replays(stream, 10))
            static_cast<void>(store().cancel_replay(stream, replay.id));
    }));
    threads.push_back(repeat([&](unsigned) {
        made_.leases().renew(1, "a");
        made_.leases().renew(2, "b");
        made_.leases().leave(2);
    }));
    threads.push_back(repeat([&](unsigned i) {
        std::ranges::reverse(*registration.streams);
        for (StreamDefinition& one : *registration.streams) one.destination = std::to_string(i);
        EXPECT_TRUE(database_->registry_store().put(registration));
    }));
    postgres::Connection keeper(database_.settings());
    threads.push_back(repeat([&](unsigned) { postgres::RetentionKeeper::keep_once(keeper); }));
    threads.clear();
}

TEST_F(DeliveryStoreTest, AChangedRegistrationKeepsWhatItsStreamsHave) {
    RegistryStore& registry = database_->registry_store();
    Registration registration = registration_of(1);
    const Stream made = registry.put(registration).value().streams.at(0);
    EXPECT_EQ(made.start, Position{4});
    const ClaimedStream claimed = claim(1).at(0);
    StreamProgress saved = progress(claimed, 7);
    saved.failing = {dead(6)};
    store().save({&saved, 1});
    registration.streams->at(0).destination = "{\"x\":2}";
    registration.streams->at(0).start = {};
    const Stream changed = registry.put(registration).value().streams.at(0);
    EXPECT_EQ(changed.id, made.id);
    EXPECT_EQ(changed.start, Position{4});
    EXPECT_EQ(changed.cursor, saved.cursor);
    EXPECT_EQ(changed.epoch, claimed.epoch);
    EXPECT_EQ(made_.owner(made.id), "n");
    EXPECT_EQ(store().count_dead({{made.id}}).at(0), 1);
    ASSERT_TRUE(registry.remove_type("a", std::nullopt));
    EXPECT_EQ(database_.number("select count(*) from headwater.failing_events"), 0);
}

TEST_F(DeliveryStoreTest, AReplayReadsTheLogFromWhereItBegins) {
    const auto type = database_.register_type("a");
    for (int i = 0; i < 5; ++i) database_.append({make_new_event(type, "1")});
    const StreamId stream = made_.add_stream(StreamOrder::loose);
    const ReplayRequest request{Position{1'002}, Position{1'004}, false, {}};
    const Replay replay = store().start_replay(stream, request).value();
    const LogPage page =
        database_->log_reader().read({.after = replay.cursor, .through = replay.what.through});
    ASSERT_EQ(page.events.size(), 2U);
    EXPECT_EQ(page.events[0]->id, EventId{1'003});
}

}  // namespace
}  // namespace headwater::testing
