#include "rest/headers.hpp"

#include <gtest/gtest.h>

#include "rest/finishing.hpp"
#include "rest/preconditions.hpp"

namespace headwater::rest {
namespace {

TEST(Headers, FindsWithoutRegardToCaseAndJoinsRepeats) {
    Headers headers;
    headers.add("Accept", "a");
    headers.add("Host", "h");
    headers.add("ACCEPT", "b");
    EXPECT_EQ(headers.find("accept"), "a");
    EXPECT_EQ(headers.count("accept"), 2U);
    EXPECT_EQ(headers.joined("Accept"), "a, b");
    EXPECT_FALSE(headers.find("Acc"));
    headers.clear();
    EXPECT_FALSE(headers.find("Host"));
}

TEST(Headers, KnowsTokensOfAList) {
    EXPECT_TRUE(has_token("keep-alive, Upgrade", "upgrade"));
    EXPECT_FALSE(has_token("upgrades", "upgrade"));
}

TEST(Headers, TheClosestRangeDecidesTheQuality) {
    EXPECT_EQ(quality_of("text/*;q=0.3, text/html;q=0.7, */*;q=0.1", "text/html"), 700);
    EXPECT_EQ(quality_of("text/*;q=0.3, */*;q=0.1", "text/plain"), 300);
    EXPECT_EQ(quality_of("*/*;q=0", "application/json"), 0);
    EXPECT_EQ(quality_of("gzip;q=1.0, identity", "gzip"), 1000);
    EXPECT_FALSE(quality_of("text/html", "application/json"));
}

TEST(EntityTags, MatchListsWeakTagsAndTheGzipForm) {
    const std::string tag = entity_tag_of("body");
    EXPECT_EQ(tag, entity_tag_of("body"));
    EXPECT_NE(tag, entity_tag_of("Body"));
    EXPECT_TRUE(matches_entity_tag("\"x\", W/" + tag, tag));
    EXPECT_TRUE(matches_entity_tag("*", tag));
    EXPECT_TRUE(matches_entity_tag(tag.substr(0, tag.size() - 1) + "-gzip\"", tag));
    EXPECT_FALSE(matches_entity_tag("\"x\"", tag));
}

TEST(EntityTags, IfMatchNamesAVersion) {
    const auto if_match = [](std::string_view value) {
        Headers headers;
        headers.add("If-Match", value);
        return if_match_of(headers);
    };
    EXPECT_EQ(if_match(version_tag(7)), 7);
    EXPECT_EQ(if_match("\"7-gzip\""), 7);
    EXPECT_EQ(if_match("*"), 0);
    EXPECT_EQ(if_match("\"abc\""), -1);
    EXPECT_FALSE(if_match_of(Headers{}));
}

}  // namespace
}  // namespace headwater::rest
