#include "cli/types/type_difference.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headwater::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Kind = TypeDifference::Kind;

TypeDifference compare(const std::string& definition, const std::string& stored = "") {
    return difference_between(Json::parse(definition).value_or(Json()), Json::parse(stored).value_or(Json()));
}

TEST(TypeDifference, NamesWhatANewTypeBrings) {
    const auto difference = compare(
        R"({"type":"a:b","ttl":"1days","streams":[{"source":"rabbit","exchange":"x","routingKey":"k"}]})");
    EXPECT_EQ(difference.kind, Kind::added);
    EXPECT_THAT(difference.lines, ElementsAre("+ ttl: 1day", "+ stream rabbit x"));
}

TEST(TypeDifference, IsNothingForTheSameInOtherWords) {
    const auto difference = compare(
        R"({"type":"a","ttl":"7days","streams":[{"source":"webhook","uri":"http://h/","from":"beginning"}]})",
        R"({"type":"a","ttl":"7days","acknowledge":true,"streams":[{"id":"1","name":"h","source":"webhook",
            "uri":"http://h/","order":"loose","state":"running","lag":{"events":3}}]})");
    EXPECT_EQ(difference.kind, Kind::unchanged);
    EXPECT_THAT(difference.lines, IsEmpty());
}

TEST(TypeDifference, KeepsWhatTheDefinitionLeavesOut) {
    EXPECT_EQ(
        compare(R"({"type":"a"})", R"({"type":"a","ttl":"7days","schema":{},"streams":[{"name":"s"}]})").kind,
        Kind::unchanged);
}

TEST(TypeDifference, KnowsAStreamByItsPlaceAndNamesWhatChanges) {
    const auto difference = compare(
        R"({"type":"a","streams":[{"source":"rabbit","exchange":"x","routingKey":"new"}]})",
        R"({"type":"a","ttl":"permanent","streams":[{"name":"x","source":"rabbit","exchange":"x","routingKey":"old"}]})");
    EXPECT_THAT(difference.lines, ElementsAre("~ stream x: routingKey: \"old\" -> \"new\""));
    EXPECT_FALSE(difference.removes_streams);
}

TEST(TypeDifference, NamesRemovedStreamsWithWhatWaitsForThem) {
    const auto difference =
        compare(R"({"type":"a","streams":[]})",
                R"({"type":"a","ttl":"permanent","streams":[{"name":"s","source":"webhook","uri":"http://h/",
            "lag":{"events":10000,"atLeast":true,"seconds":4}}]})");
    EXPECT_THAT(difference.lines, ElementsAre("- stream webhook s (10000 or more events wait for it)"));
    EXPECT_TRUE(difference.removes_streams);
    EXPECT_EQ(difference.kind, Kind::changed);
}

TEST(TypeDifference, ComparesTtlAndSchema) {
    EXPECT_THAT(compare(R"({"type":"a","ttl":"2days","schema":{"type":"object"}})",
                        R"({"type":"a","ttl":"1day","schema":{"type":"array"},"streams":[]})")
                    .lines,
                ElementsAre("~ ttl: 1day -> 2days", "~ schema"));
    EXPECT_THAT(compare(R"({"type":"a","schema":null})", R"({"type":"a","ttl":"1day","schema":{}})").lines,
                ElementsAre("- schema"));
}

}  // namespace
}  // namespace headwater::cli
