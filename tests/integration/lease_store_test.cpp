#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <map>
#include <set>
#include <thread>

#include "tests/contract/lease_store_contract.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/postgres_deliveries.hpp"

namespace headwater::testing {
namespace {

using namespace std::chrono_literals;

INSTANTIATE_TEST_SUITE_P(Postgres, LeaseStoreContract, ::testing::Values([] {
                             return std::unique_ptr<DeliveriesUnderTest>(
                                 std::make_unique<PostgresDeliveries>());
                         }));

class LeaseStoreTest : public ::testing::Test {
  protected:
    LeaseStore& leases() { return made_.leases(); }
    /// Renews as the process would, but its answer is lost.
    void renew_unanswered(std::int64_t process, std::int64_t answered) {
        database_.sql().query("select headwater.renew_lease($1, 'n', $2)", process, answered);
    }
    std::int64_t owned_by(std::int64_t process) {
        return database_.number("select count(*) from headwater.streams where owner = " +
                                std::to_string(process));
    }

    PostgresDeliveries made_;
    TestDatabase& database_ = made_.database();
};

TEST_F(LeaseStoreTest, ALeaseIsOfSixSecondsByPostgresClock) {
    leases().renew(1, "a");
    EXPECT_EQ(database_.number("select count(*) from headwater.leases where process = 1 and label = 'a' and "
                               "expires_at - clock_timestamp() between '3 seconds' and '6 seconds'"),
              1);
}

TEST_F(LeaseStoreTest, TenThousandStreamsAreClaimedInOneCall) {
    made_.add_streams(10'000);
    const auto began = std::chrono::steady_clock::now();
    EXPECT_EQ(leases().renew(1, "a").claimed.size(), 10'000U);
    const auto claimed = std::chrono::steady_clock::now();
    EXPECT_EQ(leases().renew(1, "a").claimed.size(), 0U);
    const auto renewed = std::chrono::steady_clock::now();
    const auto ms = [](auto span) {
        return std::chrono::duration_cast<std::chrono::milliseconds>(span).count();
    };
    RecordProperty("claim_ms", static_cast<int>(ms(claimed - began)));
    RecordProperty("renew_ms", static_cast<int>(ms(renewed - claimed)));
    EXPECT_LT(claimed - began, 3s);
    made_.expire(1);
    EXPECT_EQ(leases().renew(2, "b").claimed.size(), 10'000U);
}

TEST_F(LeaseStoreTest, TenThousandStreamsAreSharedByThreeProcessesAfterAFewRenewals) {
    made_.add_streams(10'000);
    std::map<std::int64_t, std::vector<StreamProgress>> held;
    std::size_t moved = 0;
    for (int round = 0; round < 5; ++round) {
        moved = 0;
        for (std::int64_t process = 1; process <= 3; ++process) {
            const LeaseRenewal renewal = leases().renew(process, "n");
            auto& own = held[process];
            for (const ClaimedStream& one : renewal.claimed)
                own.push_back({.stream = one.id, .epoch = one.epoch, .cursor = one.cursor});
            moved += renewal.claimed.size();
            if (renewal.surplus == 0) continue;
            const auto kept = own.size() - renewal.surplus;
            leases().release(process, std::span(own).subspan(kept));
            own.resize(kept);
        }
    }
    EXPECT_EQ(moved, 0U) << "at rest";
    for (std::int64_t process = 1; process <= 3; ++process) {
        EXPECT_EQ(owned_by(process), static_cast<std::int64_t>(held[process].size()));
        EXPECT_GE(held[process].size(), 3'332U);
        EXPECT_LE(held[process].size(), 3'334U);
    }
}

TEST_F(LeaseStoreTest, RenewalsAtTheSameMomentNeverClaimAStreamTwice) {
    made_.add_streams(300);
    std::vector<std::vector<ClaimedStream>> claimed(4);
    {
        std::vector<std::jthread> threads;
        for (std::size_t process = 0; process < claimed.size(); ++process) {
            threads.emplace_back([&, process] {
                claimed[process] = leases().renew(static_cast<std::int64_t>(process) + 1, "n").claimed;
            });
        }
    }
    std::set<StreamId> all;
    for (const auto& part : claimed) {
        for (const ClaimedStream& one : part) EXPECT_TRUE(all.insert(one.id).second);
    }
    EXPECT_EQ(all.size(), 300U);
}

TEST_F(LeaseStoreTest, ProcessesThatRenewAndReleaseAtTheSameTimeAgreeOnWhoHoldsWhat) {
    made_.add_streams(600);
    constexpr std::int64_t kProcesses = 3;
    std::array<std::size_t, kProcesses + 1> holdings{};
    const auto renew_five_times = [&](std::int64_t process) {
        std::map<StreamId, std::int64_t> held;
        for (int i = 0; i < 5; ++i) {
            const LeaseRenewal renewal = leases().renew(process, "n");
            EXPECT_FALSE(renewal.is_lost);
            for (const ClaimedStream& one : renewal.claimed) held[one.id] = one.epoch;
            std::vector<StreamProgress> given_up;
            while (given_up.size() < renewal.surplus) {
                given_up.push_back(
                    {.stream = held.begin()->first, .epoch = held.begin()->second, .cursor = {}});
                held.erase(held.begin());
            }
            if (!given_up.empty()) leases().release(process, given_up);
        }
        holdings[static_cast<std::size_t>(process)] = held.size();
    };
    {
        std::vector<std::jthread> threads;
        for (std::int64_t process = 1; process <= kProcesses; ++process)
            threads.emplace_back([&, process] { renew_five_times(process); });
    }
    for (std::int64_t process = 1; process <= kProcesses; ++process) {
        EXPECT_EQ(owned_by(process), static_cast<std::int64_t>(holdings[static_cast<std::size_t>(process)]))
            << "each knows what it holds";
    }
}

TEST_F(LeaseStoreTest, WhatWasClaimedByARenewalWhoseAnswerWasLostComesWithTheNext) {
    made_.add_streams(3);
    renew_unanswered(1, 0);
    const LeaseRenewal first = leases().renew(1, "n");
    EXPECT_FALSE(first.is_lost);
    EXPECT_EQ(first.claimed.size(), 3U);
    made_.add_streams(2);
    renew_unanswered(1, database_.number("select last_value from headwater.lease_renewals"));
    EXPECT_EQ(leases().renew(1, "n").claimed.size(), 2U);
    EXPECT_EQ(leases().renew(1, "n").claimed.size(), 0U);
}

TEST_F(LeaseStoreTest, ThatALeaseWasLostIsLearntEvenIfTheFirstAnswerWasLostToo) {
    made_.add_streams(2);
    leases().renew(1, "n");
    const std::int64_t answered = database_.number("select last_value from headwater.lease_renewals");
    leases().end_all();
    renew_unanswered(1, answered);
    const LeaseRenewal renewal = leases().renew(1, "n");
    EXPECT_TRUE(renewal.is_lost);
    EXPECT_EQ(renewal.claimed.size(), 2U) << "what the new lease holds";
    EXPECT_FALSE(leases().renew(1, "n").is_lost);
}

TEST_F(LeaseStoreTest, AStreamThatSomebodyHasLockedIsLeftToTheNextRenewal) {
    made_.add_streams(3);
    postgres::Connection other(database_.settings());
    {
        postgres::Transaction holding(other);
        holding.query("select from headwater.streams order by stream_id limit 1 for no key update");
        EXPECT_EQ(leases().renew(1, "n").claimed.size(), 2U);
    }
    EXPECT_EQ(leases().renew(1, "n").claimed.size(), 1U);
}

TEST_F(LeaseStoreTest, OthersAreToldOfFreeStreams) {
    made_.add_streams(2);
    std::atomic<int> told{0};
    const auto listener = database_->make_listener(
        {.own_process = 99, .on_log = [] {}, .on_registry = [] {}, .on_leases = [&] { ++told; }});
    int expected = 1;
    const auto is_told = [&] { return eventually(5s, [&] { return told >= expected; }); };
    ASSERT_TRUE(is_told()) << "after connecting";
    const auto claimed = leases().renew(1, "a").claimed;
    leases().release(1, {{{.stream = claimed.at(0).id, .epoch = 1, .cursor = {}}}});
    ++expected;
    EXPECT_TRUE(is_told()) << "of a release";
    leases().leave(1);
    ++expected;
    EXPECT_TRUE(is_told()) << "of a process that leaves";
    made_.add_stream(StreamOrder::loose);
    ++expected;
    EXPECT_TRUE(is_told()) << "of a new stream";
    leases().renew(1, "a");
    made_.expire(1);
    leases().renew(2, "b");
    ++expected;
    EXPECT_TRUE(is_told()) << "of a lease that was ended";
    EXPECT_EQ(told, expected) << "and of nothing else";
}

TEST_F(LeaseStoreTest, StreamsAreDeletedAndMadeWhileProcessesRenew) {
    std::vector<std::jthread> threads;
    std::atomic<bool> is_over{false};
    for (std::int64_t process = 1; process <= 2; ++process) {
        threads.emplace_back([&, process] {
            try {
                while (!is_over) {
                    leases().renew(process, "n");
                    if (process == 2) leases().leave(process);
                }
            } catch (const std::exception& error) {
                ADD_FAILURE() << error.what();
            }
        });
    }
    for (int i = 0; i < 100; ++i) {
        const StreamId stream = made_.add_stream(StreamOrder::loose);
        made_.remove_stream(stream);
    }
    const StreamId last = made_.add_stream(StreamOrder::loose);
    is_over = true;
    threads.clear();
    leases().renew(1, "n");
    EXPECT_EQ(made_.owner(last), "n");
}

}  // namespace
}  // namespace headwater::testing
