#include "rest/json_body.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace headwater::rest {
namespace {

using ::testing::ElementsAre;
using ::testing::Optional;

constexpr std::array<std::string_view, 2> kKnown{"a", "b"};

TEST(JsonBody, KeepsTheBytesOfEachValue) {
    const auto members =
        JsonMembers::read(R"( { "a" : {"x": [1, "}\"]", {}]} , "b":1e400, "\u0063" : null } )", {});
    ASSERT_TRUE(members);
    EXPECT_EQ(members->find("a"), R"({"x": [1, "}\"]", {}]})");
    EXPECT_EQ(members->find("b"), "1e400");
    EXPECT_EQ(members->find("c"), "null");
    EXPECT_FALSE(members->find("d"));
    EXPECT_TRUE(JsonMembers::read("{}", kKnown));
}

TEST(JsonBody, RefusesWhatIsUnknownOrTwice) {
    const auto unknown = JsonMembers::read(R"({"a":1,"x/y":2,"z":3})", kKnown, "/streams/0");
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().kind, Refusal::Kind::invalid);
    ASSERT_EQ(unknown.error().errors.size(), 2U);
    EXPECT_EQ(unknown.error().errors[0].pointer, "/streams/0/x~1y");
    EXPECT_EQ(JsonMembers::read(R"({"a":1,"a":2})", kKnown).error().kind, Refusal::Kind::malformed);
    EXPECT_EQ(JsonMembers::read("[]", kKnown).error().kind, Refusal::Kind::invalid);
}

TEST(JsonBody, DecodesStrings) {
    EXPECT_EQ(json_string(R"("a\n\"\\\/\u00e9\ud83d\ude00")"), "a\n\"\\/é😀");
    EXPECT_EQ(json_string("\"\""), "");
    EXPECT_FALSE(json_string("12"));
    EXPECT_EQ(json_string(R"("\u0000x")"), std::string("\0x", 2));
}

TEST(JsonBody, ReadsArrays) {
    EXPECT_THAT(json_elements(R"([ 1, "a,b" ,[2,3],{"c":4} ])"),
                Optional(ElementsAre("1", "\"a,b\"", "[2,3]", R"({"c":4})")));
    EXPECT_THAT(json_elements("[ ]"), Optional(ElementsAre()));
    EXPECT_FALSE(json_elements("{}"));
    EXPECT_THAT(json_strings(R"(["x","y"])"), Optional(ElementsAre("x", "y")));
    EXPECT_FALSE(json_strings(R"(["x",1])"));
}

}  // namespace
}  // namespace headwater::rest
