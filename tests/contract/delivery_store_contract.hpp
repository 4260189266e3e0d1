#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/contract/deliveries_under_test.hpp"

namespace headwater::testing {

/// What every DeliveryStore must do together with its LeaseStore. Instantiate with functions that make one.
class DeliveryStoreContract
    : public ::testing::TestWithParam<std::function<std::unique_ptr<DeliveriesUnderTest>()>> {
  protected:
    static constexpr std::int64_t kProcess = 7;
    static constexpr Timestamp kTime{std::chrono::sys_days{std::chrono::year{2026} / 1 / 2}};

    void SetUp() override { made_ = GetParam()(); }

    DeliveryStore& store() { return made_->deliveries(); }
    /// A stream that kProcess runs, and its epoch in epoch_.
    StreamId own_stream(StreamOrder order = StreamOrder::loose) {
        const StreamId stream = made_->add_stream(order);
        for (const ClaimedStream& claimed : made_->leases().renew(kProcess, "a").claimed) {
            if (claimed.id == stream) epoch_ = claimed.epoch;
        }
        return stream;
    }
    static Cursor at(std::int64_t position) { return {Position{position}, kTime}; }
    static FailingEvent failing(std::int64_t id, FailingState state = FailingState::retrying) {
        FailingEvent event;
        event.id = EventId{id};
        event.at = kTime;
        event.state = state;
        event.attempts = 3;
        if (state == FailingState::retrying) event.next_attempt = kTime + std::chrono::minutes(1);
        if (state == FailingState::dead) event.died_at = kTime + std::chrono::seconds(id);
        return event;
    }
    static FailingEvent dead(std::int64_t id) { return failing(id, FailingState::dead); }
    std::vector<StreamId> save(StreamId stream, std::int64_t position, std::vector<FailingEvent> rows,
                               std::vector<EventId> settled = {}) {
        StreamProgress progress{.stream = stream, .epoch = epoch_, .cursor = at(position)};
        progress.failing = std::move(rows);
        progress.settled = std::move(settled);
        return store().save({&progress, 1});
    }
    std::vector<StreamId> save_replay(StreamId stream, const ReplayProgress& replay) {
        StreamProgress progress{.stream = stream, .epoch = epoch_, .cursor = at(0)};
        progress.replays = {replay};
        return store().save({&progress, 1});
    }
    Replay replay(StreamId stream, std::int64_t after, std::int64_t through) {
        return store().start_replay(stream, {Position{after}, Position{through}, false, {}}).value();
    }
    static std::vector<std::int64_t> ids(const std::vector<FailingEvent>& events) {
        std::vector<std::int64_t> found;
        for (const FailingEvent& event : events) found.push_back(event.id.value);
        return found;
    }

    std::unique_ptr<DeliveriesUnderTest> made_;
    std::int64_t epoch_ = 0;
};

using Kind = Refusal::Kind;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_P(DeliveryStoreContract, ASaveUnderTheEpochOfTheClaimIsStored) {
    const StreamId stream = own_stream();
    EXPECT_THAT(save(stream, 5, {failing(3)}), IsEmpty());
    EXPECT_EQ(made_->cursor(stream), at(5));
    EXPECT_THAT(ids(store().work(stream, {}, 10).failing), ElementsAre(3));
}

TEST_P(DeliveryStoreContract, WhatExpiredBeforeItWasDeliveredIsCountedOnce) {
    const StreamId stream = own_stream();
    const auto expired = [&] { return store().standings({&stream, 1}).at(0)->expired; };
    StreamProgress progress{.stream = stream, .epoch = epoch_, .cursor = at(5)};
    progress.expired = {{1, kTime, EventId{4}, 3}, {2, kTime, EventId{5}, 1}};
    EXPECT_THAT(store().save({&progress, 1}), IsEmpty());
    EXPECT_EQ(expired(), 4);
    // How that save ended was not learnt: it comes again, with what has followed.
    progress.cursor = at(9);
    progress.expired.push_back({1, kTime, EventId{9}, 2});
    EXPECT_THAT(store().save({&progress, 1}), IsEmpty());
    EXPECT_EQ(expired(), 6);
    progress.epoch = epoch_ - 1;
    progress.cursor = at(12);
    progress.expired = {{1, kTime, EventId{12}, 1}};
    EXPECT_THAT(store().save({&progress, 1}), ElementsAre(stream));
    EXPECT_EQ(expired(), 6) << "by a former owner";
}

TEST_P(DeliveryStoreContract, ARowKeepsWhatTheSinkWantsToBeTold) {
    const StreamId stream = own_stream();
    FailingEvent row = failing(3);
    row.progress = "a@example.org";
    save(stream, 5, {row, failing(4)});
    const auto stored = [&] { return store().work(stream, {}, 10).failing; };
    EXPECT_EQ(stored().at(0).progress, "a@example.org");
    EXPECT_EQ(stored().at(1).progress, "");
    row.progress = "a@example.org\nb@example.org";
    save(stream, 5, {row});
    EXPECT_EQ(stored().at(0).progress, row.progress);
    row.state = FailingState::dead;
    row.died_at = kTime;
    save(stream, 5, {row});
    EXPECT_EQ(store().dead(stream, std::nullopt, 10).events.at(0).progress, row.progress);
}

TEST_P(DeliveryStoreContract, ARowThatExpiresCountsIfItWasNotGivenUp) {
    const StreamId stream = own_stream();
    save(stream, 5, {failing(2), failing(3, FailingState::held), dead(4)});
    StreamProgress progress{.stream = stream, .epoch = epoch_, .cursor = at(5)};
    progress.settled = progress.expired_rows = {EventId{1}, EventId{2}, EventId{3}, EventId{4}};
    EXPECT_THAT(store().save({&progress, 1}), IsEmpty());
    EXPECT_THAT(store().save({&progress, 1}), IsEmpty());
    EXPECT_EQ(store().standings({&stream, 1}).at(0)->expired, 2);
    EXPECT_THAT(ids(store().work(stream, {}, 10).failing), IsEmpty());
}

TEST_P(DeliveryStoreContract, ASaveUnderAnotherEpochChangesNothingAndIsReturned) {
    const StreamId stream = own_stream();
    const StreamId other = own_stream();
    save(stream, 5, {failing(3)});
    const Replay started = replay(stream, 0, 10);
    StreamProgress stale{.stream = stream, .epoch = epoch_ - 1, .cursor = at(9)};
    stale.failing = {failing(8)};
    stale.settled = {EventId{3}};
    stale.standing = StreamStanding{StreamState::blocked, kTime, "x"};
    stale.replays = {{.id = started.id, .cursor = at(4), .delivered = 4, .is_done = true}};
    const std::vector<StreamProgress> both = {stale, {.stream = other, .epoch = epoch_, .cursor = at(2)}};
    EXPECT_THAT(store().save(both), ElementsAre(stream));
    EXPECT_EQ(made_->cursor(stream), at(5));
    EXPECT_EQ(made_->cursor(other), at(2)) << "the others of the same call are saved";
    EXPECT_THAT(ids(store().work(stream, {}, 10).failing), ElementsAre(3));
    EXPECT_EQ(store().standings({{stream}}).at(0)->standing.state, StreamState::running);
    EXPECT_EQ(store().find_replay(stream, started.id)->delivered, 0);
}

TEST_P(DeliveryStoreContract, NothingIsSavedOfAStreamThatNobodyOwnsOrThatIsGone) {
    const StreamId free = own_stream();
    const StreamId gone = own_stream();
    made_->remove_stream(gone);
    made_->leases().end_all();
    const std::vector<StreamProgress> both = {{.stream = free, .epoch = epoch_, .cursor = at(2)},
                                              {.stream = gone, .epoch = epoch_, .cursor = at(2)}};
    EXPECT_THAT(store().save(both), ::testing::UnorderedElementsAre(free, gone));
    EXPECT_EQ(made_->cursor(free).position, Position{0});
}

TEST_P(DeliveryStoreContract, CursorsNeverMoveBackButTheRestIsStored) {
    const StreamId stream = own_stream();
    save(stream, 5, {});
    EXPECT_THAT(save(stream, 4, {failing(2)}), IsEmpty());
    EXPECT_EQ(made_->cursor(stream), at(5));
    EXPECT_THAT(ids(store().work(stream, {}, 10).failing), ElementsAre(2));
}

TEST_P(DeliveryStoreContract, AFailingEventComesBackAsItWasSaved) {
    const StreamId stream = own_stream();
    FailingEvent saved = failing(3);
    saved.expires_at = Timestamp{std::chrono::sys_days{std::chrono::year{2999} / 1 / 2}};
    saved.subject = "a \"subject\", {1}";
    saved.last_error = "HTTP 500";
    saved.last_status = 500;
    saved.replay = ReplayId{12};
    save(stream, 5, {saved, failing(4, FailingState::held), dead(5)});
    const StreamWork work = store().work(stream, {}, 10);
    ASSERT_THAT(ids(work.failing), ElementsAre(3, 4)) << "dead ones are no work";
    const FailingEvent& found = work.failing[0];
    EXPECT_EQ(found.at, saved.at);
    EXPECT_EQ(found.expires_at, saved.expires_at);
    EXPECT_EQ(found.subject, saved.subject);
    EXPECT_EQ(found.state, FailingState::retrying);
    EXPECT_EQ(found.attempts, 3);
    EXPECT_EQ(found.next_attempt, saved.next_attempt);
    EXPECT_EQ(found.last_error, "HTTP 500");
    EXPECT_EQ(found.last_status, 500);
    EXPECT_FALSE(found.died_at);
    EXPECT_EQ(found.replay, ReplayId{12});
    EXPECT_EQ(work.failing[1].state, FailingState::held);
    const auto of_event = store().failing_of(EventId{5});
    ASSERT_EQ(of_event.size(), 1U);
    EXPECT_EQ(of_event[0].first, stream);
    EXPECT_EQ(of_event[0].second.state, FailingState::dead);
    EXPECT_EQ(of_event[0].second.died_at, dead(5).died_at);
    EXPECT_EQ(of_event[0].second.expires_at, Timestamp::max());
}

TEST_P(DeliveryStoreContract, ALaterSaveOfAnEventReplacesItsRow) {
    const StreamId stream = own_stream();
    save(stream, 5, {failing(3)});
    FailingEvent again = failing(3);
    again.attempts = 4;
    save(stream, 5, {again});
    EXPECT_EQ(store().work(stream, {}, 10).failing.at(0).attempts, 4);
    save(stream, 5, {dead(3)});
    EXPECT_THAT(store().work(stream, {}, 10).failing, IsEmpty());
    EXPECT_THAT(ids(store().dead(stream, {}, 10).events), ElementsAre(3));
}

TEST_P(DeliveryStoreContract, SettledRowsGoUnlessTheyFailedAgain) {
    const StreamId stream = own_stream();
    save(stream, 5, {failing(2), failing(3), dead(4)});
    save(stream, 5, {failing(3)}, {EventId{2}, EventId{3}, EventId{4}, EventId{99}});
    EXPECT_THAT(ids(store().work(stream, {}, 10).failing), ElementsAre(3));
    EXPECT_THAT(store().dead(stream, {}, 10).events, IsEmpty());
}

TEST_P(DeliveryStoreContract, WorkComesInPages) {
    const StreamId stream = own_stream();
    EXPECT_THAT(store().work(stream, {}, 2).failing, IsEmpty());
    save(stream, 5, {failing(1), dead(2), failing(3), failing(4)});
    const StreamWork first = store().work(stream, {}, 2);
    EXPECT_THAT(ids(first.failing), ElementsAre(1, 3));
    EXPECT_TRUE(first.has_more_failing);
    const StreamWork second = store().work(stream, EventId{3}, 2);
    EXPECT_THAT(ids(second.failing), ElementsAre(4));
    EXPECT_FALSE(second.has_more_failing);
}

TEST_P(DeliveryStoreContract, DeadEventsAreListedNewestFirstUntilTheyExpire) {
    const StreamId stream = own_stream();
    FailingEvent expired = dead(9);
    expired.expires_at = kTime - std::chrono::hours(24 * 365);
    save(stream, 5, {dead(1), dead(2), dead(3), expired, failing(4)});
    const DeadPage first = store().dead(stream, std::nullopt, 2);
    EXPECT_THAT(ids(first.events), ElementsAre(3, 2));
    EXPECT_TRUE(first.has_more);
    const DeadPage second = store().dead(stream, EventId{2}, 2);
    EXPECT_THAT(ids(second.events), ElementsAre(1));
    EXPECT_FALSE(second.has_more);
    const StreamId other = own_stream();
    EXPECT_THAT(store().count_dead({{other, stream, StreamId{999}}}), ElementsAre(0, 3, 0));
}

TEST_P(DeliveryStoreContract, ADeadEventIsRetriedWithAllItsAttempts) {
    const StreamId stream = own_stream();
    save(stream, 5, {dead(1), dead(2), failing(3)});
    EXPECT_EQ(store().retry_dead(stream, EventId{1}), 1);
    const StreamWork work = store().work(stream, {}, 10);
    ASSERT_THAT(ids(work.failing), ElementsAre(1, 3));
    EXPECT_EQ(work.failing[0].state, FailingState::retrying);
    EXPECT_EQ(work.failing[0].attempts, 0);
    EXPECT_FALSE(work.failing[0].died_at);
    EXPECT_GT(work.failing[0].next_attempt, Timestamp{});
    EXPECT_LE(work.failing[0].next_attempt, SystemClock().now() + std::chrono::seconds(1));
    EXPECT_EQ(store().retry_dead(stream, EventId{1}).error().kind, Kind::not_found) << "no longer dead";
    EXPECT_EQ(store().retry_dead(stream, EventId{3}).error().kind, Kind::not_found);
    EXPECT_EQ(store().retry_dead(StreamId{999}, EventId{1}).error().kind, Kind::not_found);
}

TEST_P(DeliveryStoreContract, AllDeadEventsAreRetriedButExpiredOnes) {
    const StreamId stream = own_stream();
    FailingEvent expired = dead(3);
    expired.expires_at = kTime - std::chrono::hours(24 * 365);
    save(stream, 5, {dead(1), dead(2), expired});
    EXPECT_EQ(store().retry_dead(stream, EventId{3}).error().kind, Kind::not_found);
    EXPECT_EQ(store().retry_dead(stream, std::nullopt), 2);
    EXPECT_EQ(store().retry_dead(stream, std::nullopt), 0);
    EXPECT_THAT(ids(store().work(stream, {}, 10).failing), ElementsAre(1, 2));
}

TEST_P(DeliveryStoreContract, ASaveRepeatedAfterARetryDoesNotKillAgain) {
    const StreamId stream = own_stream();
    save(stream, 5, {dead(1)});
    EXPECT_EQ(store().retry_dead(stream, EventId{1}), 1);
    save(stream, 6, {dead(1)});  // its answer had been lost
    EXPECT_THAT(ids(store().work(stream, {}, 10).failing), ElementsAre(1));
    save(stream, 6, {failing(1)});
    save(stream, 6, {dead(1)});
    EXPECT_THAT(ids(store().work(stream, {}, 10).failing), ElementsAre(1));
    FailingEvent dies_again = dead(1);
    dies_again.died_at = kTime + std::chrono::hours(1);
    save(stream, 6, {dies_again});
    EXPECT_THAT(ids(store().dead(stream, {}, 10).events), ElementsAre(1)) << "another death counts";
}

TEST_P(DeliveryStoreContract, OnlyDeadEventsCanBeRemoved) {
    const StreamId stream = own_stream();
    save(stream, 5, {dead(1), failing(2), failing(3, FailingState::held)});
    EXPECT_TRUE(store().remove_dead(stream, EventId{1}));
    EXPECT_EQ(store().remove_dead(stream, EventId{1}).error().kind, Kind::not_found);
    EXPECT_EQ(store().remove_dead(stream, EventId{2}).error().kind, Kind::not_found);
    EXPECT_EQ(store().remove_dead(stream, EventId{3}).error().kind, Kind::not_found);
    EXPECT_EQ(store().remove_dead(StreamId{999}, EventId{1}).error().kind, Kind::not_found);
    EXPECT_THAT(ids(store().work(stream, {}, 10).failing), ElementsAre(2, 3));
}

TEST_P(DeliveryStoreContract, ARemovedDeathStaysOneButIsNotListed) {
    const StreamId stream = own_stream();
    save(stream, 5, {dead(1), dead(2)});
    ASSERT_TRUE(store().remove_dead(stream, EventId{1}));
    EXPECT_EQ(store().failing_of(EventId{1}).at(0).second.state, FailingState::dead);
    EXPECT_THAT(ids(store().dead(stream, {}, 10).events), ElementsAre(2));
    EXPECT_THAT(store().count_dead({{stream}}), ElementsAre(1));
    EXPECT_EQ(store().retry_dead(stream, std::nullopt), 1);
    save(stream, 6, {dead(1)});  // its answer had been lost
    EXPECT_THAT(store().dead(stream, {}, 10).events, IsEmpty()) << "the same death";
    EXPECT_EQ(store().retry_dead(stream, EventId{1}), 1) << "by its id";
    FailingEvent dies_again = dead(1);
    dies_again.died_at = kTime + std::chrono::hours(1);
    save(stream, 6, {dies_again});
    EXPECT_THAT(ids(store().dead(stream, {}, 10).events), ElementsAre(1)) << "another death counts";
}

TEST_P(DeliveryStoreContract, ASkipIsKeptUntilTheStreamHasPassedIt) {
    const StreamId stream = own_stream(StreamOrder::strict);
    save(stream, 5, {});
    EXPECT_EQ(store().skip(stream, EventId{5}).error().kind, Kind::conflict) << "it has moved on";
    EXPECT_EQ(store().skip(stream, EventId{1'001}).error().kind, Kind::conflict) << "no such event yet";
    EXPECT_FALSE(store().work(stream, {}, 1).skip);
    EXPECT_TRUE(store().skip(stream, EventId{6}));
    EXPECT_EQ(store().work(stream, {}, 1).skip, EventId{6});
    save(stream, 5, {});
    EXPECT_EQ(store().work(stream, {}, 1).skip, EventId{6});
    save(stream, 6, {dead(6)});
    EXPECT_FALSE(store().work(stream, {}, 1).skip);
    EXPECT_EQ(store().skip(StreamId{999}, EventId{6}).error().kind, Kind::not_found);
}

TEST_P(DeliveryStoreContract, OnlyStrictStreamsSkip) {
    for (const StreamOrder order : {StreamOrder::loose, StreamOrder::subject}) {
        EXPECT_EQ(store().skip(own_stream(order), EventId{6}).error().kind, Kind::conflict);
    }
}

TEST_P(DeliveryStoreContract, AReplayBeginsAfterItsFirstPositionAndEndsAtTheHeadAtTheLatest) {
    const StreamId stream = own_stream();
    const ReplayRequest request{Position{10}, Position{5'000}, true, 25};
    const Replay started = store().start_replay(stream, request).value();
    EXPECT_EQ(started.stream, stream);
    EXPECT_EQ(started.what.after, Position{10});
    EXPECT_EQ(started.what.through, DeliveriesUnderTest::kHead);
    EXPECT_TRUE(started.what.only_dead);
    EXPECT_EQ(started.what.rate, 25);
    EXPECT_EQ(started.state, ReplayState::running);
    EXPECT_EQ(started.cursor.position, Position{10});
    EXPECT_FALSE(started.finished_at);
    EXPECT_EQ(store().work(stream, {}, 1).replays.at(0).id, started.id);
}

TEST_P(DeliveryStoreContract, ReplaysThatMakeNoSenseAreRefused) {
    const StreamId stream = own_stream();
    const auto kind = [&](ReplayRequest request) {
        return store().start_replay(stream, request).error().kind;
    };
    EXPECT_EQ(kind({Position{10}, Position{9}, false, {}}), Kind::invalid);
    EXPECT_EQ(kind({Position{1}, Position{9}, false, 0}), Kind::invalid);
    EXPECT_EQ(store().start_replay(StreamId{999}, {Position{1}, Position{9}, false, {}}).error().kind,
              Kind::not_found);
    for (int i = 0; i < 10; ++i) replay(stream, 0, 9);
    EXPECT_EQ(kind({Position{1}, Position{9}, false, {}}), Kind::conflict) << "ten are under way";
    EXPECT_TRUE(store().cancel_replay(stream, store().replays(stream, 1).at(0).id));
    replay(stream, 0, 9);
}

TEST_P(DeliveryStoreContract, AReplayMovesOnAndIsDone) {
    const StreamId stream = own_stream();
    const Replay started = replay(stream, 0, 9);
    save_replay(stream, {started.id, at(4), 3, 1, 0, false});
    save_replay(stream, {started.id, at(3), 2, 1, 0, false});
    Replay found = store().find_replay(stream, started.id).value();
    EXPECT_EQ(found.cursor, at(4));
    EXPECT_EQ(found.delivered, 3);
    EXPECT_EQ(found.failed, 1);
    save_replay(stream, {started.id, at(9), 6, 1, 2, true});
    found = store().find_replay(stream, started.id).value();
    EXPECT_EQ(found.state, ReplayState::done);
    EXPECT_TRUE(found.finished_at);
    EXPECT_EQ(found.skipped, 2);
    EXPECT_THAT(store().work(stream, {}, 1).replays, IsEmpty());
    EXPECT_EQ(store().cancel_replay(stream, started.id).value().state, ReplayState::done);
    EXPECT_EQ(store().find_replay(stream, started.id)->finished_at, found.finished_at);
}

TEST_P(DeliveryStoreContract, ACancelledReplayStaysCancelledButCountsWhatWasOnItsWay) {
    const StreamId stream = own_stream();
    const Replay started = replay(stream, 0, 9);
    const Replay cancelled = store().cancel_replay(stream, started.id).value();
    EXPECT_EQ(cancelled.state, ReplayState::cancelled);
    EXPECT_TRUE(cancelled.finished_at);
    save_replay(stream, {started.id, at(9), 9, 0, 0, true});
    const Replay found = store().find_replay(stream, started.id).value();
    EXPECT_EQ(found.state, ReplayState::cancelled);
    EXPECT_EQ(found.delivered, 9);
    EXPECT_EQ(store().cancel_replay(stream, ReplayId{999}).error().kind, Kind::not_found);
    const StreamId other = own_stream();
    EXPECT_EQ(store().cancel_replay(other, started.id).error().kind, Kind::not_found);
    EXPECT_FALSE(store().find_replay(other, started.id));
}

TEST_P(DeliveryStoreContract, ReplaysAreListedNewestFirst) {
    const StreamId stream = own_stream();
    const Replay first = replay(stream, 0, 9);
    const Replay second = replay(stream, 0, 9);
    const std::vector<Replay> listed = store().replays(stream, 5);
    ASSERT_EQ(listed.size(), 2U);
    EXPECT_EQ(listed[0].id, second.id);
    EXPECT_EQ(listed[1].id, first.id);
    EXPECT_EQ(store().replays(stream, 1).size(), 1U);
    EXPECT_EQ(store().work(stream, {}, 1).replays.at(0).id, first.id) << "work is by id";
}

TEST_P(DeliveryStoreContract, StandingsComeInTheOrderAskedFor) {
    const StreamId first = own_stream();
    const StreamId second = own_stream();
    StreamProgress progress{.stream = second, .epoch = epoch_, .cursor = at(0)};
    progress.standing = StreamStanding{StreamState::blocked, kTime, "refused"};
    store().save({&progress, 1});
    save(second, 3, {});
    const auto standings = store().standings({{second, StreamId{999}, first}});
    ASSERT_EQ(standings.size(), 3U);
    EXPECT_EQ(standings[0]->standing.state, StreamState::blocked)
        << "a save without standing leaves it alone";
    EXPECT_EQ(standings[0]->standing.since, kTime);
    EXPECT_EQ(standings[0]->standing.last_error, "refused");
    EXPECT_EQ(standings[0]->cursor, at(3));
    EXPECT_EQ(standings[0]->owner, "a");
    EXPECT_FALSE(standings[1]);
    EXPECT_EQ(standings[2]->standing.state, StreamState::running);
}

TEST_P(DeliveryStoreContract, WhatAStreamHasLeavesWithIt) {
    const StreamId stream = own_stream();
    save(stream, 5, {dead(1), failing(2)});
    const Replay started = replay(stream, 0, 9);
    made_->remove_stream(stream);
    EXPECT_THAT(store().failing_of(EventId{1}), IsEmpty());
    EXPECT_FALSE(store().find_replay(stream, started.id));
    EXPECT_THAT(store().work(stream, {}, 1).failing, IsEmpty());
}

}  // namespace headwater::testing
