#include "cli/json/json_view.hpp"

#include <gtest/gtest.h>

namespace headwater::cli {
namespace {

Json parsed(std::string text) {
    return Json::parse(std::move(text)).value_or(Json());
}

TEST(JsonView, ShowsTheBytesThatCame) {
    const Json event =
        parsed(R"( { "id" : "7", "payload": {"n":1.50, "big":12345678901234567890 , "s":"a b"} } )");
    EXPECT_EQ(event["id"].text(), "7");
    EXPECT_EQ(event["id"].number(), 7);
    EXPECT_EQ(event["payload"]["n"].bytes(), "1.50");
    EXPECT_EQ(event["payload"].compact(), R"({"n":1.50,"big":12345678901234567890,"s":"a b"})");
    EXPECT_TRUE(event["nothing"]["deeper"].is_absent());
    EXPECT_EQ(event["nothing"].text(), "");
}

TEST(JsonView, ResolvesEscapes) {
    const Json value = parsed(R"({"a\"b":"\n\u00e9\ud83d\ude00\\ \/"})");
    EXPECT_EQ(value["a\"b"].text(), "\n\u00e9\U0001F600\\ /");
    EXPECT_EQ(value.compact(), R"({"a\"b":"\n\u00e9\ud83d\ude00\\ \/"})");
}

TEST(JsonView, WalksArraysWithBracketsInTexts) {
    const auto elements = parsed(R"([1, "]", [], {"a":["}"]}, null, true])").elements();
    ASSERT_EQ(elements.size(), 6U);
    EXPECT_EQ(elements[1].text(), "]");
    EXPECT_EQ(elements[3]["a"].elements()[0].text(), "}");
    EXPECT_TRUE(elements[4].is_null());
    EXPECT_TRUE(elements[5].is_true());
    EXPECT_TRUE(parsed("[]").elements().empty());
    EXPECT_TRUE(parsed("{}").members().empty());
}

TEST(JsonView, OutlivesWhatItWasTakenFrom) {
    Json inner;
    {
        const Json outer = parsed(R"({"inner":{"deep":"value"}})");
        inner = outer["inner"];
    }
    EXPECT_EQ(inner["deep"].text(), "value");
}

TEST(JsonView, RefusesWhatIsNoJson) {
    for (const char* bad : {"", "{", "[1,]", "{\"a\":1} x", "nul", "\"\\ud800\""}) {
        EXPECT_FALSE(Json::parse(bad)) << bad;
    }
}

TEST(JsonView, ComparesValuesWhateverTheirSpelling) {
    EXPECT_TRUE(is_same_value(parsed(R"({"a":1,"b":["x"]})"), parsed(R"({ "b": ["\u0078"], "a": 1 })")));
    EXPECT_FALSE(is_same_value(parsed("[1,2]"), parsed("[2,1]")));
    EXPECT_FALSE(is_same_value(parsed("{}"), parsed("[]")));
    EXPECT_FALSE(is_same_value(parsed(R"({"a":1})"), parsed(R"({"a":1,"b":2})")));
}

TEST(JsonView, FindsLinks) {
    const Json links = parsed(R"([{"rel":"self","href":"/a"},{"rel":"next","href":"/b"}])");
    EXPECT_EQ(link_of(links, "next"), "/b");
    EXPECT_EQ(link_of(links, "prev"), "");
}

}  // namespace
}  // namespace headwater::cli
