#include "rest/feed_answer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace headwater::rest {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using namespace std::chrono_literals;

constexpr std::string_view kBase = "http://example";
constexpr std::string_view kHour = "http://example/api/events/feed/hour/";

Timestamp at(std::string_view time) {
    return *parse_rfc3339(time);
}

EventPtr event_of(std::int64_t id) {
    return make_event({.id = EventId{id},
                       .created_at = at("2018-02-01T15:11:12Z"),
                       .expires_at = Timestamp::max(),
                       .type_id = TypeId{1},
                       .type = "a:b",
                       .subject = std::nullopt,
                       .meta = "",
                       .payload = "1"});
}

/// The hour from 15:00 in the middle of a long log, closed since a while.
class FeedAnswer : public ::testing::Test {
  protected:
    FeedAnswer() {
        view.page.entries = {{event_of(9), false}, {event_of(7), true}};
        view.neighbours.older = {at("2018-02-01T11:30:00Z"), Timestamp::max()};
        view.neighbours.oldest = {at("2017-01-01T00:00:00Z"), Timestamp::max()};
    }

    [[nodiscard]] Response answer() const {
        return to_response(slice_document(kBase, FeedForm::json, query, view, now));
    }
    [[nodiscard]] std::string caching() const { return *answer().find("Cache-Control"); }
    /// The address behind a relation of the page; "" when there is none.
    [[nodiscard]] std::string link(const std::string& relation) const {
        const Response response = answer();
        const std::string body = response.body.substr(response.body.find("}],\"links\":["));
        const std::string mark = "{\"rel\":\"" + relation + "\",\"href\":\"";
        const auto begin = body.find(mark);
        if (begin == std::string::npos) return "";
        const auto end = body.find('"', begin + mark.size());
        return body.substr(begin + mark.size(), end - begin - mark.size());
    }
    [[nodiscard]] static std::string hour(const std::string& rest) { return std::string(kHour) + rest; }

    Timestamp now = at("2018-02-02T00:00:00Z");
    FeedQuery query{};
    SliceView view{
        TimeSlice::containing(TimeSlice::Unit::hour, at("2018-02-01T15:00:00Z")), true, true, {}, {}};
};

TEST_F(FeedAnswer, LeadsToItsNeighbours) {
    EXPECT_EQ(link("self"), hour("2018-02-01T15:00:00.000Z"));
    EXPECT_EQ(link("prev"), hour("2018-02-01T14:00:00.000Z"));
    EXPECT_EQ(link("next"), hour("2018-02-01T16:00:00.000Z"));
    EXPECT_EQ(link("current"), hour("current"));
    EXPECT_EQ(link("prev-archive"), hour("2018-02-01T11:00:00.000Z"));
    EXPECT_EQ(link("more"), "");
}

TEST_F(FeedAnswer, RepeatsItsLinksInTheHeader) {
    const std::string header = *answer().find("Link");
    for (const std::string relation : {"self", "prev", "next", "current", "prev-archive", "next-archive"}) {
        EXPECT_THAT(header, HasSubstr("<" + link(relation) + ">; rel=\"" + relation + "\""));
    }
}

TEST_F(FeedAnswer, IsTheSameBeforeAndAfterALaterEventWhenItIsClosed) {
    const Response before = answer();
    view.neighbours.newer = {at("2018-02-02T00:30:00Z"), Timestamp::max()};
    now += 10h;
    EXPECT_EQ(answer().body, before.body);
    EXPECT_EQ(*answer().find("ETag"), *before.find("ETag"));
}

TEST_F(FeedAnswer, NamesTheNewerSliceWhileNothingIsPromised) {
    view.is_closed = false;
    EXPECT_EQ(link("next-archive"), "");
    view.neighbours.newer = {at("2018-02-01T23:30:00Z"), Timestamp::max()};
    EXPECT_EQ(link("next-archive"), hour("2018-02-01T23:00:00.000Z"));
}

TEST_F(FeedAnswer, IsImmutableForAYearAtMost) {
    EXPECT_EQ(caching(), "public, max-age=31536000, immutable");
}

TEST_F(FeedAnswer, IsFreshUntilTheFirstEventThatShapedItExpires) {
    view.page.first_expiry = now + 500s;
    EXPECT_EQ(caching(), "public, max-age=500, immutable");
    view.neighbours.older->expires_at = now + 300s;
    EXPECT_EQ(caching(), "public, max-age=300, immutable");
    view.neighbours.older.reset();
    EXPECT_EQ(caching(), "public, max-age=500, immutable");
    view.neighbours.oldest->expires_at = now + 200s;
    EXPECT_EQ(caching(), "public, max-age=200, immutable") << "prev stands for as long as the oldest event";
    view.page.first_expiry = now + 900ms;
    EXPECT_EQ(caching(), "no-cache");
}

TEST_F(FeedAnswer, MustBeAskedForAgainWhenAnythingIsOpen) {
    view.is_closed = false;
    EXPECT_EQ(caching(), "no-cache");
    view.is_closed = true;
    query.client = "12345";
    EXPECT_EQ(caching(), "no-cache");
    EXPECT_NE(answer().find("ETag"), nullptr);
}

TEST_F(FeedAnswer, DoesNotPromiseAPageThatWasCutShort) {
    query.limit = 3;
    view.page.has_more = true;
    EXPECT_EQ(caching(), "no-cache");
}

TEST_F(FeedAnswer, EndsAtTheOldestEventAndAtTheCurrentSlice) {
    view.neighbours = {};
    view.has_next = false;
    view.is_closed = false;
    EXPECT_EQ(link("prev"), "");
    EXPECT_EQ(link("prev-archive"), "");
    EXPECT_EQ(link("next"), "");
    EXPECT_EQ(link("current"), hour("current"));
}

TEST_F(FeedAnswer, GoesOnInTheOrderAskedFor) {
    query.limit = 2;
    query.after = EventId{3};
    view.page.has_more = true;
    EXPECT_EQ(link("more"), hour("2018-02-01T15:00:00.000Z?limit=2&after=3&before=7"));
    query.order = FeedOrder::asc;
    EXPECT_EQ(link("more"), hour("2018-02-01T15:00:00.000Z?limit=2&order=asc&after=7"));
}

TEST_F(FeedAnswer, KeepsTheFiltersInEveryLink) {
    query.types = *TypeFilter::parse("z:*,a:b,a:b");
    query.subject = "a&b c";
    query.client = "x@y";
    query.include_processed = true;
    query.before = EventId{10};
    const std::string kept = "/client/x@y?types=a:b,z:*&subject=a%26b%20c&processed=include";
    EXPECT_EQ(link("self"), hour("2018-02-01T15:00:00.000Z" + kept + "&before=10"));
    EXPECT_EQ(link("prev"), hour("2018-02-01T14:00:00.000Z" + kept));
    EXPECT_EQ(link("prev-archive"), hour("2018-02-01T11:00:00.000Z" + kept));
    EXPECT_EQ(link("current"), hour("current" + kept));
}

TEST_F(FeedAnswer, ShowsAClientWhatItHasProcessedAndHowToMarkIt) {
    EXPECT_THAT(answer().body, Not(HasSubstr("mark-processed")));
    query.client = "12345";
    EXPECT_THAT(answer().body, Not(HasSubstr("\"processed\"")));
    query.include_processed = true;
    EXPECT_THAT(answer().body,
                StartsWith(R"({"events":[{"id":"9","type":"a:b","payload":1,)"
                           R"("created_at":"2018-02-01T15:11:12.000000Z","processed":false,"links":[)"
                           R"({"rel":"self","href":"http://example/api/events/9"},)"
                           R"({"rel":"mark-processed","href":"http://example/api/events/9/ok/12345"}]},)"));
}

TEST_F(FeedAnswer, LeadsFromPageToPageInARange) {
    query.from = at("2018-02-01T00:00:00Z");
    query.to = at("2018-02-02T00:00:00.5Z");
    query.limit = 2;
    FeedPage page = view.page;
    page.has_more = true;
    const Response response = to_response(range_document(kBase, FeedForm::json, query, page, true, now));
    const std::string range =
        "http://example/api/events/feed/2018-02-01T00:00:00.000Z/to/2018-02-02T00:00:00.500Z?limit=2";
    EXPECT_EQ(*response.find("Link"),
              "<" + range + ">; rel=\"self\", <" + range + "&before=7>; rel=\"more\"");
    EXPECT_EQ(*response.find("Cache-Control"), "public, max-age=31536000, immutable");
}

}  // namespace
}  // namespace headwater::rest
