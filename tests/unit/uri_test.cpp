#include "rest/uri.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headwater::rest {
namespace {

using ::testing::ElementsAre;
using ::testing::Optional;

TEST(Uri, DecodesEscapesAndRefusesBrokenOnes) {
    EXPECT_EQ(percent_decode("a%20b+c"), "a b+c");
    EXPECT_EQ(query_decode("a%20b+c"), "a b c");
    EXPECT_EQ(percent_decode("%C3%A9"), "é");
    for (const char* broken : {"%", "%4", "%zz", "%00", "%ff", "%C3"})
        EXPECT_FALSE(percent_decode(broken)) << broken;
}

TEST(Uri, SplitsBeforeItDecodes) {
    EXPECT_THAT(split_path("/a%2Fb/c"), Optional(ElementsAre("a/b", "c")));
    EXPECT_THAT(split_path("/"), Optional(ElementsAre()));
    EXPECT_FALSE(split_path("/a/%2"));
}

TEST(Uri, ReadsTargetsOfEveryForm) {
    EXPECT_EQ(parse_target("/a?b=c&d")->query, "b=c&d");
    EXPECT_EQ(parse_target("http://host:1/a?b")->authority, "host:1");
    EXPECT_EQ(parse_target("http://host?b")->path, "/");
    EXPECT_EQ(parse_target("*")->path, "*");
    for (const char* bad : {"a", "ftp://x/", "/a#b", "http://bad host/", ""})
        EXPECT_FALSE(parse_target(bad)) << bad;
}

TEST(Uri, QueryFindsTheFirstOfAName) {
    const auto query = Query::parse("types=a:b%2Cc&limit=3&limit=4&flag&=x&&");
    EXPECT_EQ(query->find("types"), "a:b,c");
    EXPECT_EQ(query->find("limit"), "3");
    EXPECT_EQ(query->find("flag"), "");
    EXPECT_FALSE(query->find("none"));
    EXPECT_FALSE(Query::parse("a=%"));
}

TEST(Uri, EncodesWhatDecodesBack) {
    const std::string odd = "a/b?c d+é%&=";
    EXPECT_EQ(percent_decode(encode_segment(odd)), odd);
    EXPECT_EQ(query_decode(encode_query_value(odd)), odd);
    EXPECT_EQ(encode_query_value("a:b,c:*"), "a:b,c:*");
}

TEST(Uri, RedactsTokens) {
    EXPECT_EQ(redact_target("/feed?access_token=abc&x=1"), "/feed?access_token=***&x=1");
    EXPECT_EQ(redact_target("/feed?x=1&token=abc"), "/feed?x=1&token=***");
    EXPECT_EQ(redact_target("/feed?access%5Ftoken=abc&types=a,b"), "/feed?access%5Ftoken=***&types=a,b");
    EXPECT_EQ(redact_target("/feed?%zz=abc"), "/feed?%zz=***");
    EXPECT_EQ(redact_target("/feed?x&mytoken=1"), "/feed?x&mytoken=1");
    EXPECT_EQ(redact_target("/feed?"), "/feed?");
    EXPECT_EQ(redact_target("/ping/secret?x=1"), "/ping/***?x=1");
}

TEST(Uri, KnowsAnAuthority) {
    for (const char* good : {"a", "a.b:80", "127.0.0.1:1", "[::1]:8080", "[::1]"})
        EXPECT_TRUE(is_valid_authority(good)) << good;
    for (const char* bad : {"", "a b", "a:b", "a:123456", "[::1", "[x]", "u@h", "a/b", "a\"b", "[::1]x"}) {
        EXPECT_FALSE(is_valid_authority(bad)) << bad;
    }
}

}  // namespace
}  // namespace headwater::rest
