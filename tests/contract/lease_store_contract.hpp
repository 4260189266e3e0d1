#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <numeric>
#include <set>
#include <vector>

#include "tests/contract/deliveries_under_test.hpp"

namespace headwater::testing {

/// What every LeaseStore must do.
class LeaseStoreContract
    : public ::testing::TestWithParam<std::function<std::unique_ptr<DeliveriesUnderTest>()>> {
  protected:
    using Held = std::map<StreamId, std::int64_t>;  ///< with their epochs

    void SetUp() override { made_ = GetParam()(); }

    LeaseStore& leases() { return made_->leases(); }
    std::vector<StreamId> add_streams(int count) {
        std::vector<StreamId> added;
        for (int i = 0; i < count; ++i) added.push_back(made_->add_stream(StreamOrder::loose));
        return added;
    }
    LeaseRenewal renew(std::int64_t process) {
        LeaseRenewal renewal = leases().renew(process, "node-" + std::to_string(process));
        Held& held = held_[process];
        if (renewal.is_lost) held.clear();
        for (const ClaimedStream& claimed : renewal.claimed) {
            EXPECT_FALSE(held.contains(claimed.id)) << "claimed twice";
            held[claimed.id] = claimed.epoch;
        }
        return renewal;
    }
    void release(std::int64_t process, std::size_t count) {
        Held& held = held_[process];
        std::vector<StreamProgress> given_up;
        while (given_up.size() < count) {
            const auto [stream, epoch] = *held.begin();
            given_up.push_back({.stream = stream, .epoch = epoch, .cursor = {Position{3}, Timestamp{}}});
            held.erase(held.begin());
        }
        leases().release(process, given_up);
    }
    /// Each renews once and releases what it has too much. Returns how many streams were released.
    std::size_t round(const std::vector<std::int64_t>& processes) {
        std::size_t released = 0;
        for (const std::int64_t process : processes) {
            const std::size_t surplus = renew(process).surplus;
            if (surplus > 0) release(process, surplus);
            released += surplus;
        }
        return released;
    }
    /// How many each holds; fails when a stream is held by two.
    std::vector<std::size_t> sizes() {
        std::vector<std::size_t> found;
        std::set<StreamId> seen;
        for (const auto& [process, held] : held_) {
            found.push_back(held.size());
            for (const auto& [stream, epoch] : held) EXPECT_TRUE(seen.insert(stream).second);
        }
        return found;
    }
    std::vector<StreamId> save(StreamId stream, std::int64_t epoch) {
        const StreamProgress progress{.stream = stream, .epoch = epoch, .cursor = {Position{9}, Timestamp{}}};
        return made_->deliveries().save({&progress, 1});
    }

    std::unique_ptr<DeliveriesUnderTest> made_;
    std::map<std::int64_t, Held> held_;
};

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_P(LeaseStoreContract, TheFirstProcessClaimsEverythingOnce) {
    const auto streams = add_streams(3);
    const LeaseRenewal first = renew(1);
    EXPECT_FALSE(first.is_lost);
    ASSERT_THAT(first.claimed, SizeIs(3));
    EXPECT_EQ(first.claimed[0].epoch, 1);
    EXPECT_EQ(first.claimed[0].cursor.position, Position{0});
    EXPECT_EQ(first.claimed[0].state, StreamState::running);
    EXPECT_FALSE(first.claimed[0].has_work);
    EXPECT_EQ(first.surplus, 0U);
    EXPECT_THAT(renew(1).claimed, IsEmpty());
    EXPECT_EQ(made_->owner(streams[0]), "node-1");
}

TEST_P(LeaseStoreContract, AClaimTellsHowTheStreamWasLeft) {
    const auto streams = add_streams(4);
    renew(1);
    std::vector<StreamProgress> left;
    for (const StreamId stream : streams) left.push_back({.stream = stream, .epoch = 1, .cursor = {}});
    left[0].cursor = {Position{5}, Timestamp{std::chrono::seconds(5)}};
    left[0].standing = StreamStanding{StreamState::retrying, Timestamp{}, "x"};
    FailingEvent row;
    row.id = EventId{4};
    left[1].failing = {row};
    row.state = FailingState::dead;
    row.died_at = Timestamp{};
    left[3].failing = {row};
    ASSERT_TRUE(
        made_->deliveries().start_replay(streams[2], {Position{0}, Position{1}, false, std::nullopt}));
    leases().release(1, left);
    leases().leave(1);
    const auto all = leases().renew(2, "b").claimed;
    ASSERT_THAT(all, SizeIs(4));
    EXPECT_EQ(all[0].cursor, left[0].cursor);
    EXPECT_EQ(all[0].state, StreamState::retrying);
    EXPECT_EQ(all[0].epoch, 2);
    EXPECT_FALSE(all[0].has_work);
    EXPECT_TRUE(all[1].has_work) << "a failing event";
    EXPECT_TRUE(all[2].has_work) << "a replay";
    EXPECT_FALSE(all[3].has_work) << "dead events are no work";
}

TEST_P(LeaseStoreContract, ASkipIsWork) {
    const StreamId stream = made_->add_stream(StreamOrder::strict);
    ASSERT_TRUE(made_->deliveries().skip(stream, EventId{1}));
    EXPECT_TRUE(renew(1).claimed.at(0).has_work);
}

TEST_P(LeaseStoreContract, OneToThreeProcessesComeToEvenSharesAndStayThere) {
    add_streams(10);
    round({1});
    EXPECT_THAT(sizes(), ElementsAre(10));
    round({1, 2}), round({1, 2}), round({1, 2});
    EXPECT_THAT(sizes(), ElementsAre(5, 5));
    for (int i = 0; i < 4; ++i) round({1, 2, 3});
    EXPECT_THAT(sizes(), ElementsAre(4, 3, 3));
    const auto before = held_;
    for (int i = 0; i < 3; ++i) EXPECT_EQ(round({3, 1, 2}), 0U) << "nobody gives anything up any more";
    EXPECT_EQ(held_, before);
}

TEST_P(LeaseStoreContract, NoProcessIsLeftWithoutAStreamWhileAnotherHasTwoMore) {
    add_streams(4);
    for (const int order : {0, 1}) {
        for (int i = 0; i < 4; ++i) order == 0 ? round({1, 2, 3}) : round({3, 2, 1});
        auto held = sizes();
        std::ranges::sort(held);
        EXPECT_THAT(held, ElementsAre(1, 1, 2));
    }
    leases().leave(2);
    held_.erase(2);
    round({3, 1});
    EXPECT_THAT(sizes(), ElementsAre(2, 2));
}

TEST_P(LeaseStoreContract, AProcessThatComesToShareTakesNoMoreThanItsPart) {
    add_streams(7);
    for (int i = 0; i < 3; ++i) round({1, 2});
    const auto before = sizes();
    EXPECT_EQ(std::accumulate(before.begin(), before.end(), std::size_t{0}), 7U);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(round({1, 2}), 0U) << "three and four: nothing moves";
    for (int i = 0; i < 4; ++i) round({2, 4, 1, 3});
    auto held = sizes();
    std::ranges::sort(held);
    EXPECT_THAT(held, ElementsAre(1, 2, 2, 2));
    for (int i = 0; i < 3; ++i) EXPECT_EQ(round({3, 1, 4, 2}), 0U);
}

TEST_P(LeaseStoreContract, ANewStreamIsClaimedAtTheNextRenewalOfSomebody) {
    add_streams(4);
    for (int i = 0; i < 3; ++i) round({1, 2});
    add_streams(1);
    round({1, 2});
    const auto held = sizes();
    EXPECT_EQ(std::accumulate(held.begin(), held.end(), std::size_t{0}), 5U);
}

TEST_P(LeaseStoreContract, AProcessThatLeavesIsReplacedAtOnce) {
    add_streams(6);
    for (int i = 0; i < 3; ++i) round({1, 2});
    leases().leave(2);
    held_.erase(2);
    EXPECT_THAT(renew(1).claimed, SizeIs(3));
    EXPECT_THAT(sizes(), ElementsAre(6));
    EXPECT_FALSE(renew(2).is_lost) << "it had given up its lease itself";
}

TEST_P(LeaseStoreContract, ALeaseThatRanOutIsEndedByTheOthersAndItsOwnerLearnsIt) {
    const auto streams = add_streams(2);
    renew(1);
    made_->expire(1);
    EXPECT_EQ(made_->owner(streams[0]), "");
    EXPECT_THAT(renew(2).claimed, SizeIs(2));
    EXPECT_EQ(made_->owner(streams[0]), "node-2");
    EXPECT_THAT(save(streams[0], 1), ElementsAre(streams[0])) << "the former owner moves no cursor";
    EXPECT_EQ(made_->cursor(streams[0]).position, Position{0});
    EXPECT_TRUE(renew(1).is_lost);
    EXPECT_FALSE(renew(1).is_lost) << "it has a new lease";
    round({2}), round({1});
    EXPECT_THAT(sizes(), ElementsAre(1, 1));
}

TEST_P(LeaseStoreContract, ALeaseThatRanOutUnnoticedIsRenewedWithAllThatItHolds) {
    const auto streams = add_streams(2);
    renew(1);
    made_->expire(1);
    EXPECT_FALSE(renew(1).is_lost);
    EXPECT_EQ(made_->owner(streams[0]), "node-1");
    EXPECT_THAT(save(streams[0], 1), IsEmpty());
}

TEST_P(LeaseStoreContract, AProcessThatComesLateItselfGivesTheOthersOneMoreRenewal) {
    add_streams(2);
    for (int i = 0; i < 2; ++i) round({1, 2});
    made_->expire(1);
    made_->expire(2);
    EXPECT_THAT(renew(1).claimed, IsEmpty()) << "PostgreSQL may have been away for all";
    EXPECT_FALSE(renew(2).is_lost);
    made_->expire(2);
    EXPECT_THAT(renew(1).claimed, SizeIs(1));
    EXPECT_TRUE(renew(2).is_lost);
}

TEST_P(LeaseStoreContract, EndingAllLeasesFreesEverythingAndIsLearnt) {
    const auto streams = add_streams(2);
    renew(1);
    leases().end_all();
    EXPECT_EQ(made_->owner(streams[0]), "");
    EXPECT_THAT(save(streams[0], 1), ElementsAre(streams[0]));
    EXPECT_THAT(renew(2).claimed, SizeIs(2));
    EXPECT_TRUE(renew(1).is_lost);
}

TEST_P(LeaseStoreContract, ReleasingSavesAndFreesWhatIsTheCallersOwn) {
    const auto streams = add_streams(2);
    renew(1);
    const std::vector<StreamProgress> given_up = {
        {.stream = streams[0], .epoch = 1, .cursor = {Position{5}, Timestamp{}}},
        {.stream = streams[1], .epoch = 0, .cursor = {Position{5}, Timestamp{}}}};
    leases().release(1, given_up);
    EXPECT_EQ(made_->cursor(streams[0]).position, Position{5});
    EXPECT_EQ(made_->owner(streams[0]), "");
    EXPECT_EQ(made_->cursor(streams[1]).position, Position{0}) << "another epoch's";
    EXPECT_EQ(made_->owner(streams[1]), "node-1");
    EXPECT_THAT(save(streams[0], 1), ElementsAre(streams[0])) << "given up is given up";
}

TEST_P(LeaseStoreContract, StreamsMayGoWhileTheyAreHeld) {
    const auto streams = add_streams(3);
    renew(1);
    made_->remove_stream(streams[0]);
    EXPECT_EQ(made_->owner(streams[0]), "");
    EXPECT_THAT(save(streams[0], 1), ElementsAre(streams[0]));
    const std::vector<StreamProgress> given_up = {{.stream = streams[0], .epoch = 1, .cursor = {}},
                                                  {.stream = streams[1], .epoch = 1, .cursor = {}}};
    leases().release(1, given_up);
    EXPECT_THAT(leases().renew(2, "b").claimed, SizeIs(1));
    EXPECT_EQ(leases().renew(1, "a").surplus, 0U);
}

}  // namespace headwater::testing
