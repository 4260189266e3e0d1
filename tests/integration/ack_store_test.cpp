#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <thread>

#include "tests/support/test_database.hpp"

namespace headwater::testing {
namespace {

class AckStoreTest : public ::testing::Test {
  protected:
    static Acknowledgement ids(const std::string& client, std::vector<EventId> ids) {
        return {.client = client, .ids = std::move(ids), .through = {}, .types = {}};
    }
    void apply(const std::vector<Acknowledgement>& acknowledgements) {
        std::vector<const Acknowledgement*> pointers;
        for (const Acknowledgement& one : acknowledgements) pointers.push_back(&one);
        database_->ack_store().apply(pointers);
    }
    std::int64_t bits_set() {
        return database_.number(
            "select coalesce(sum(bit_count(bits)), 0)::bigint from headwater.ack_bitmaps");
    }

    TestDatabase database_;
};

TEST_F(AckStoreTest, SetsOneBitForEachId) {
    apply({ids("c", {EventId{1}, EventId{4095}, EventId{4096}, EventId{1LL << 40}}), ids("d", {EventId{1}})});
    EXPECT_EQ(bits_set(), 5);
    EXPECT_EQ(database_.number("select get_bit(bits, 4095) from headwater.ack_bitmaps b join "
                               "headwater.clients using (client_id) "
                               "where name = 'c' and block = 0"),
              1);
    EXPECT_EQ(database_.number("select count(*) from headwater.ack_bitmaps"), 4);
}

TEST_F(AckStoreTest, RepeatingAnAcknowledgementChangesNothing) {
    apply({ids("c", {EventId{7}}), ids("c", {EventId{7}, EventId{8}})});
    apply({ids("c", {EventId{7}})});
    EXPECT_EQ(bits_set(), 2);
}

TEST_F(AckStoreTest, AnEmptyCallIsFine) {
    apply({});
    apply({ids("c", {})});
    EXPECT_EQ(bits_set(), 0);
}

TEST_F(AckStoreTest, AMillionIdsInAnyOrderAreAFewHundredRowsAndOneMoreIsQuick) {
    constexpr std::int64_t kIds = 1'000'000;
    constexpr std::size_t kTogether = 20'000;
    std::vector<EventId> order;
    for (std::int64_t id = 1; id <= kIds; ++id) order.push_back(EventId{id});
    std::ranges::shuffle(order, std::mt19937(4711));
    for (std::size_t begin = 0; begin < order.size(); begin += kTogether) {
        const auto at = order.begin() + static_cast<std::ptrdiff_t>(begin);
        apply({ids("c", {at, at + kTogether})});
    }
    EXPECT_EQ(bits_set(), kIds);
    EXPECT_LE(database_.number("select count(*) from headwater.ack_bitmaps"), 300);
    std::vector<double> millis;
    for (std::int64_t i = 1; i <= 50; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        apply({ids("c", {EventId{kIds + i * 37}})});
        millis.push_back(
            std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
    }
    std::ranges::sort(millis);
    RecordProperty("median_ms", std::to_string(millis[25]));
    EXPECT_LT(millis[25], 20) << "a commit and under a millisecond of work, on a machine that may be busy";
}

TEST_F(AckStoreTest, TwoNodesMaySetBitsOfOneBlockAtOnce) {
    std::vector<std::jthread> threads;
    for (std::int64_t node = 0; node < 4; ++node) {
        threads.emplace_back([&, node] {
            for (std::int64_t i = 0; i < 50; ++i)
                apply({ids("c", {EventId{i * 4 + node}}), ids("d", {EventId{i * 4 + node}})});
        });
    }
    threads.clear();
    EXPECT_EQ(bits_set(), 400);
}

}  // namespace
}  // namespace headwater::testing
