#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>
#include <vector>

#include "tests/support/eventually.hpp"
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

TEST_F(FeedReaderTest, ShowsTypesAndTtlsThatAnotherNodeHasRegisteredSinceTheLastLook) {
    postgres::Database other({.url = database_.url()});
    EXPECT_EQ(other.feed_reader().page(query_).entries.size(), 6U);
    // Events of another class lie in other partitions than all that the node has read so far.
    a_ = database_.register_type("x:a", "2hours");
    database_.append({make_new_event(a_, "1")});
    EXPECT_EQ(other.feed_reader().page(query_).entries.size(), 7U);
    EXPECT_TRUE(other.log_reader().find(EventId{8}));
    database_.append({make_new_event(database_.register_type("x:c", "1hour"), "1")});
    EXPECT_TRUE(other.log_reader().find(EventId{9}));
    LogRead read;
    read.after = {EventId{8}, query_.from};
    read.limit = 10;
    database_.append({make_new_event(database_.register_type("x:d", "3weeks"), "1")});
    EXPECT_EQ(other.log_reader().read(read).events.size(), 2U);
    query_.types = TypeFilter::parse("x:d").value();
    EXPECT_EQ(other.feed_reader().page(query_).entries.size(), 1U);
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
    FeedNeighbours found = database_->feed_reader().neighbours(query_, {});
    EXPECT_EQ(time_of(found.older), time_of(2));
    EXPECT_EQ(time_of(found.newer), time_of(5));
    EXPECT_EQ(time_of(found.oldest), time_of(1));
    filter("room:*");
    found = database_->feed_reader().neighbours(query_, {});
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
    FeedNeighbours found = database_->feed_reader().neighbours(query_, {});
    EXPECT_EQ(time_of(found.older), far);
    EXPECT_EQ(time_of(found.oldest), far);
    query_.from = far;
    query_.to = far + 1h;
    found = database_->feed_reader().neighbours(query_, {});
    EXPECT_FALSE(found.older);
    EXPECT_EQ(time_of(found.newer), time_of(1));
    filter("x:a");
    query_.from = far + 24h;
    EXPECT_FALSE(database_->feed_reader().neighbours(query_, {}).older);
}

TEST_F(FeedReaderTest, TheOldestEventIsLookedForAgainOnceItHasExpired) {
    database_.sql().run(
        "update headwater.events set expires_at = clock_timestamp() + interval '1 minute' where id = 1");
    EXPECT_EQ(time_of(database_->feed_reader().neighbours(query_, {}).oldest), time_of(1));
    const Timestamp second = time_of(3);
    database_.sql().run("update headwater.events set expires_at = clock_timestamp() where id < 3");
    EXPECT_TRUE(eventually(
        5s, [&] { return time_of(database_->feed_reader().neighbours(query_, {}).oldest) == second; }));
}

TEST_F(FeedReaderTest, TheOlderEventIsLookedForAgainOnceItHasExpired) {
    query_.from = time_of(5);
    const FeedOutlook begun{.with_newer = false, .is_begun = true};
    EXPECT_EQ(time_of(database_->feed_reader().neighbours(query_, begun).older), time_of(4));
    database_.sql().run("delete from headwater.events where id in (3, 4)");
    EXPECT_NE(time_of(database_->feed_reader().neighbours(query_, begun).older), time_of(2)) << "remembered";
    filter("x:b");
    EXPECT_EQ(time_of(database_->feed_reader().neighbours(query_, begun).older), time_of(2));
    database_.sql().run("update headwater.events set expires_at = clock_timestamp() + interval '1 minute'");
    filter("x:a");
    EXPECT_EQ(time_of(database_->feed_reader().neighbours(query_, begun).older), time_of(1));
    database_.sql().run("update headwater.events set expires_at = clock_timestamp()");
    EXPECT_FALSE(database_->feed_reader().neighbours(query_, begun).older)
        << "about to expire: not remembered";
}

TEST_F(FeedReaderTest, AnEmptyLogHasNoNeighbours) {
    TestDatabase empty;
    const FeedNeighbours found = empty->feed_reader().neighbours(query_, {});
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

TEST_F(FeedReaderTest, FindsTheFewThatAreLeftOfMany) {
    for (int batch = 0; batch < 30; ++batch)
        database_.append(std::vector<NewEvent>(50, make_new_event(batch % 2 == 0 ? a_ : b_, "1")));
    const std::set<std::int64_t> left{9, 200, 201, 202, 203, 640, 900, 901, 1'400, 1'507};
    Acknowledgement most{.client = "c", .ids = {}, .through = {}, .types = {}};
    for (std::int64_t id = 1; id <= 1'507; ++id) {
        if (!left.contains(id)) most.ids.emplace_back(id);
    }
    acknowledge(most);
    query_.client = "c";
    EXPECT_THAT(page(), ElementsAre(1'507, 1'400, 901, 900, 640, 203, 202, 201, 200, 9));
    query_.order = FeedOrder::asc;
    query_.limit = 3;
    EXPECT_THAT(page(), ElementsAre(9, 200, 201));
    EXPECT_TRUE(database_->feed_reader().page(query_).has_more);
    query_.after = EventId{201};
    EXPECT_THAT(page(), ElementsAre(202, 203, 640));
    query_.after = EventId{900};
    EXPECT_THAT(page(), ElementsAre(901, 1'400, 1'507));
    EXPECT_FALSE(database_->feed_reader().page(query_).has_more);

    query_.after.reset();
    query_.limit = 100;
    query_.from = time_of(201);  // its batch of 50 begins with 158
    query_.to = time_of(1'400);
    EXPECT_THAT(page(), ElementsAre(200, 201, 202, 203, 640, 900, 901));
    filter("x:b");
    EXPECT_THAT(page(), ElementsAre(200, 201, 202, 203, 900, 901));
}

/// A log of 2,000 events whose ids stand 1,000 apart, so that one feed reaches over many stretches of ids.
class FeedReaderLongLogTest : public FeedReaderTest {
  protected:
    static constexpr std::int64_t kEvents = 2'000;
    static constexpr std::int64_t kStep = 1'000;

    void SetUp() override {
        database_.append({make_new_event(a_, "1")});
        database_.sql().run(fmt::format(
            "truncate headwater.log_times; truncate headwater.events;"
            "create table headwater.far partition of headwater.events_permanent for values from "
            "('2020-01-01') to "
            "('2021-01-01');"
            "insert into headwater.events (id, created_at, expires_at, type_id, class, payload_base64, meta, "
            "payload) "
            "select n * {1}, timestamptz '2020-05-05' + n * interval '1 second', 'infinity', "
            "case when n % 3 = 0 then {2} else {3} end, 13, false, '', '1' from generate_series(1, {0}) n;"
            "insert into headwater.log_times select n * {1}, timestamptz '2020-05-05' + n * interval '1 "
            "second' "
            "from generate_series(1, {0}, 7) n; select setval('headwater.log_head', {0} * {1})",
            kEvents, kStep, a_->id.value, b_->id.value));
        query_.from = parse_rfc3339("2020-05-05T00:00:00Z").value();
        query_.to = query_.from + 1h;
        query_.client = "c";
        query_.limit = 70;
    }
    /// All pages, one behind the other.
    std::vector<std::int64_t> walk() {
        std::vector<std::int64_t> ids;
        FeedQuery query = query_;
        for (bool has_more = true; has_more;) {
            const FeedPage page = database_->feed_reader().page(query);
            EXPECT_LE(page.entries.size(), query.limit);
            for (const FeedEntry& entry : page.entries) ids.push_back(entry.event->id.value);
            has_more = page.has_more;
            if (!has_more) break;
            EXPECT_EQ(page.entries.size(), query.limit);
            (query.order == FeedOrder::asc ? query.after : query.before) = EventId{ids.back()};
        }
        return ids;
    }
    /// What a walk must show, found by looking at each event.
    std::vector<std::int64_t> expected(const std::function<bool(std::int64_t n)>& is_open) const {
        std::vector<std::int64_t> ids;
        for (std::int64_t n = 1; n <= kEvents; ++n) {
            if (is_open(n)) ids.push_back(n * kStep);
        }
        if (query_.order == FeedOrder::desc) std::ranges::reverse(ids);
        return ids;
    }
    void acknowledge_if(const std::function<bool(std::int64_t n)>& is_done) {
        std::vector<EventId> ids;
        for (std::int64_t n = 1; n <= kEvents; ++n) {
            if (is_done(n)) ids.push_back(EventId{n * kStep});
        }
        acknowledge({.client = "c", .ids = std::move(ids), .through = {}, .types = {}});
    }
};

TEST_F(FeedReaderLongLogTest, ShowsEveryEventThatIsLeftOnceWhateverWasAcknowledged) {
    const auto check = [&](const std::function<bool(std::int64_t)>& is_open, const char* what) {
        for (const FeedOrder order : {FeedOrder::asc, FeedOrder::desc}) {
            query_.order = order;
            EXPECT_EQ(walk(), expected(is_open)) << what;
        }
    };
    check([](auto) { return true; }, "nothing");
    acknowledge_if([](auto n) { return n % 2 == 0; });
    check([](auto n) { return n % 2 == 1; }, "every other one");
    acknowledge_if([](auto n) { return n % 97 != 0; });
    check([](auto n) { return n % 97 == 0 && n % 2 == 1; }, "all but a few");
    filter("x:a");
    check([](auto n) { return n % 97 == 0 && n % 2 == 1 && n % 3 == 0; }, "of one type");
    filter("");
    acknowledge({.client = "c", .ids = {}, .through = EventId{500 * kStep}, .types = {}});
    check([](auto n) { return n > 500 && n % 97 == 0 && n % 2 == 1; }, "above a watermark");
    acknowledge({.client = "c",
                 .ids = {},
                 .through = EventId{1'500 * kStep},
                 .types = TypeFilter::parse("x:a").value(),
                 .all_types = false});
    check([](auto n) { return n > (n % 3 == 0 ? 1'500 : 500) && n % 97 == 0 && n % 2 == 1; }, "and a type's");
    acknowledge_if([](auto) { return true; });
    check([](auto) { return false; }, "all");
}

TEST_F(FeedReaderLongLogTest, KeepsToTheBoundsOfTheQuery) {
    acknowledge_if([](auto n) { return n % 10 != 0; });
    query_.from += 600s;
    query_.to = query_.from + 600s;
    query_.after = EventId{700 * kStep};
    query_.before = EventId{1'100 * kStep};
    for (const FeedOrder order : {FeedOrder::asc, FeedOrder::desc}) {
        query_.order = order;
        EXPECT_EQ(walk(), expected([](auto n) { return n > 700 && n < 1'100 && n % 10 == 0; }));
    }
}

}  // namespace
}  // namespace headwater::testing
