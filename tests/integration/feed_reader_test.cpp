#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/memory_log.hpp"
#include "tests/support/test_database.hpp"

namespace headwater::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class FeedReaderTest : public ::testing::Test {
  protected:
    void SetUp() override {
        for (int i = 0; i < 3; ++i) database_.append({make_new_event(a_, "1"), make_new_event(b_, "2")});
        database_.append({make_new_event(reserved_, "3")});
        query_.from = database_->clock_now() - 1h;
        query_.to = query_.from + 2h;
    }
    std::vector<std::int64_t> page() {
        std::vector<std::int64_t> ids;
        for (const FeedEntry& entry : database_->feed_reader().page(query_).entries)
            ids.push_back(entry.event->id.value);
        return ids;
    }
    void filter(const char* text) { query_.types = TypeFilter::parse(text).value(); }
    void acknowledge(const Acknowledgement& acknowledgement) {
        const Acknowledgement* all[] = {&acknowledgement};
        database_->ack_store().apply(all);
    }
    Timestamp time_of(std::int64_t id) { return (*database_->log_reader().find(EventId{id}))->created_at; }

    static std::optional<Timestamp> time_of(const std::optional<FeedLandmark>& landmark) {
        return landmark ? std::optional(landmark->created_at) : std::nullopt;
    }

    TestDatabase database_;
    EventTypePtr a_ = database_.register_type("x:a");
    EventTypePtr b_ = database_.register_type("x:b");
    EventTypePtr reserved_ = database_.register_type("room:r");
    FeedQuery query_;
};

TEST_F(FeedReaderTest, ShowsTheNewestFirstUnlessAskedOtherwise) {
    EXPECT_THAT(page(), ElementsAre(6, 5, 4, 3, 2, 1));
    query_.order = FeedOrder::asc;
    EXPECT_THAT(page(), ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST_F(FeedReaderTest, PagesByLimitAfterAndBefore) {
    query_.limit = 2;
    const FeedPage first = database_->feed_reader().page(query_);
    EXPECT_TRUE(first.has_more);
    query_.before = first.entries.back().event->id;
    EXPECT_THAT(page(), ElementsAre(4, 3));
    query_.before = EventId{3};
    EXPECT_THAT(page(), ElementsAre(2, 1));
    EXPECT_FALSE(database_->feed_reader().page(query_).has_more);
    query_.before.reset();
    query_.after = EventId{4};
    query_.order = FeedOrder::asc;
    EXPECT_THAT(page(), ElementsAre(5, 6));
}

TEST_F(FeedReaderTest, BoundsAreFromInclusiveToExclusive) {
    query_.from = time_of(3);
    query_.to = time_of(5);
    EXPECT_THAT(page(), ElementsAre(4, 3));
}

TEST_F(FeedReaderTest, FiltersByTypesAndSubject) {
    filter("x:b");
    EXPECT_THAT(page(), ElementsAre(6, 4, 2));
    filter("x:b,room:*");
    EXPECT_THAT(page(), ElementsAre(7, 6, 4, 2));
    filter("nothing");
    EXPECT_THAT(page(), IsEmpty());
    filter("");
    NewEvent with_subject = make_new_event(a_, "1");
    with_subject.subject = "s";
    database_.append({with_subject});
    query_.subject = "s";
    EXPECT_THAT(page(), ElementsAre(8));
    query_.subject = std::string("s\0t", 3);
    EXPECT_THAT(page(), IsEmpty());
}

TEST_F(FeedReaderTest, TellsTheFirstExpiry) {
    EXPECT_FALSE(database_->feed_reader().page(query_).first_expiry);
    database_.append({make_new_event(database_.register_type("y", "1hour"), "1")});
    EXPECT_EQ(database_->feed_reader().page(query_).first_expiry, time_of(8) + 1h);
}

TEST_F(FeedReaderTest, HidesWhatTheClientHasProcessed) {
    query_.client = "c";
    EXPECT_THAT(page(), ElementsAre(6, 5, 4, 3, 2, 1));
    acknowledge({.client = "c", .ids = {EventId{2}, EventId{6}}, .through = {}, .types = {}});
    acknowledge({.client = "other", .ids = {EventId{1}}, .through = {}, .types = {}});
    EXPECT_THAT(page(), ElementsAre(5, 4, 3, 1));
    query_.limit = 2;
    EXPECT_THAT(page(), ElementsAre(5, 4));
    query_.include_processed = true;
    const FeedPage all = database_->feed_reader().page(query_);
    EXPECT_TRUE(all.entries.at(0).is_processed);
    EXPECT_FALSE(all.entries.at(1).is_processed);
}

TEST_F(FeedReaderTest, AWatermarkCoversItsTypesOnly) {
    query_.client = "c";
    acknowledge({.client = "c",
                 .ids = {},
                 .through = EventId{4},
                 .types = TypeFilter::parse("x:b").value(),
                 .all_types = false});
    EXPECT_THAT(page(), ElementsAre(6, 5, 3, 1));
    acknowledge({.client = "c", .ids = {}, .through = EventId{3}, .types = {}});
    EXPECT_THAT(page(), ElementsAre(6, 5));
    acknowledge({.client = "c", .ids = {}, .through = EventId{1}, .types = {}});
    EXPECT_THAT(page(), ElementsAre(6, 5)) << "a watermark never goes back";
}

TEST_F(FeedReaderTest, ALostClientStartsAgain) {
    query_.client = "c";
    acknowledge({.client = "c", .ids = {EventId{6}}, .through = EventId{5}, .types = {}});
    EXPECT_THAT(page(), IsEmpty());
    EXPECT_TRUE(database_->ack_store().forget("c"));
    EXPECT_FALSE(database_->ack_store().forget("c"));
    EXPECT_THAT(page(), ElementsAre(6, 5, 4, 3, 2, 1));
}

TEST_F(FeedReaderTest, NeighboursAreTheNearestMatchingEventsOutside) {
    query_.from = time_of(3);
    query_.to = time_of(5);
    FeedNeighbours found = database_->feed_reader().neighbours(query_);
    EXPECT_EQ(time_of(found.older), time_of(2));
    EXPECT_EQ(time_of(found.newer), time_of(5));
    EXPECT_EQ(time_of(found.oldest), time_of(1));
    filter("room:*");
    found = database_->feed_reader().neighbours(query_);
    EXPECT_FALSE(found.older);
    EXPECT_EQ(time_of(found.newer), time_of(7));
    EXPECT_EQ(time_of(found.oldest), time_of(1)) << "of the public types";
}

TEST_F(FeedReaderTest, NeighboursMayBeFarAway) {
    database_.sql().run(
        "create table headwater.far partition of headwater.events_permanent for values from ('2020-01-01') "
        "to ('2021-01-01');"
        "insert into headwater.events (id, created_at, expires_at, type_id, class, payload_base64, meta, "
        "payload) "
        "select 0, '2020-05-05', 'infinity', type_id, 13, false, '', '1' from headwater.event_types where "
        "name = 'x:b'");
    const Timestamp far = parse_rfc3339("2020-05-05T00:00:00Z").value();
    FeedNeighbours found = database_->feed_reader().neighbours(query_);
    EXPECT_EQ(time_of(found.older), far);
    EXPECT_EQ(time_of(found.oldest), far);
    query_.from = far;
    query_.to = far + 1h;
    found = database_->feed_reader().neighbours(query_);
    EXPECT_FALSE(found.older);
    EXPECT_EQ(time_of(found.newer), time_of(1));
    filter("x:a");
    query_.from = far + 24h;
    EXPECT_FALSE(database_->feed_reader().neighbours(query_).older);
}

TEST_F(FeedReaderTest, TheOldestEventIsLookedForAgainOnceItHasExpired) {
    database_.sql().run(
        "update headwater.events set expires_at = clock_timestamp() + interval '1 minute' where id = 1");
    EXPECT_EQ(time_of(database_->feed_reader().neighbours(query_).oldest), time_of(1));
    const Timestamp second = time_of(3);
    database_.sql().run("update headwater.events set expires_at = clock_timestamp() where id < 3");
    EXPECT_EQ(time_of(database_->feed_reader().neighbours(query_).oldest), second);
}

TEST_F(FeedReaderTest, AnEmptyLogHasNoNeighbours) {
    TestDatabase empty;
    const FeedNeighbours found = empty->feed_reader().neighbours(query_);
    EXPECT_FALSE(found.older);
    EXPECT_FALSE(found.newer);
    EXPECT_FALSE(found.oldest);
}

TEST_F(FeedReaderTest, OneBigPageIsCutByItsBytes) {
    const std::string big = '"' + std::string(1 << 20, 'x') + '"';
    for (int i = 0; i < 10; ++i) database_.append({make_new_event(a_, big)});
    const FeedPage page = database_->feed_reader().page(query_);
    EXPECT_TRUE(page.has_more);
    EXPECT_LT(page.entries.size(), 10U);
    EXPECT_GT(page.entries.size(), 5U);
}

}  // namespace
}  // namespace headwater::testing
