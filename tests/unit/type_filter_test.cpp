#include "core/type_filter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headwater {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

bool matches(std::string_view filters, std::string_view type) {
    return TypeFilter::parse(filters).value().matches(type);
}

TEST(EventTypeName, ConsistsOfSegments) {
    for (const auto* name : {"a", "financial:end-budget", "A.b_c-9:x", "service.create.done", ".:-"}) {
        EXPECT_TRUE(is_event_type_name(name)) << name;
    }
    EXPECT_TRUE(is_event_type_name(std::string(200, 'a')));
    EXPECT_FALSE(is_event_type_name(std::string(201, 'a')));
    for (const auto* name : {"", ":", "a:", ":a", "a::b", "a b", "a/b", "a*", "caf\xC3\xA9", "a\n"}) {
        EXPECT_FALSE(is_event_type_name(name)) << name;
    }
    EXPECT_FALSE(is_event_type_name(std::string_view("a\0b", 3)));
}

TEST(EventTypeName, KnowsTheReservedPrefixes) {
    for (const auto* name : {"room:lobby", "monitor:dead", "headwater:stream-state"})
        EXPECT_TRUE(is_reserved_type(name));
    for (const auto* name : {"room", "rooms:a", "monitor.user", "a:room:b"})
        EXPECT_FALSE(is_reserved_type(name));
}

TEST(TypeFilter, MatchesEverythingPublicByDefault) {
    const TypeFilter filter;
    EXPECT_TRUE(filter.is_default());
    EXPECT_EQ(filter.to_text(), "");
    EXPECT_TRUE(filter.matches("a"));
    EXPECT_TRUE(filter.matches("a:b:c"));
    EXPECT_FALSE(filter.matches("monitor:dead"));
    EXPECT_TRUE(TypeFilter::parse("")->is_default());
    EXPECT_TRUE(TypeFilter::from_list({})->is_default());
}

TEST(TypeFilter, MatchesExactNamesAndWildcards) {
    EXPECT_TRUE(matches("a:b", "a:b"));
    EXPECT_FALSE(matches("a:b", "a:bc"));
    EXPECT_FALSE(matches("a:b", "a"));
    EXPECT_FALSE(matches("a", "a:b"));
    EXPECT_TRUE(matches("a:*", "a:b"));
    EXPECT_FALSE(matches("a:*", "a"));
    EXPECT_FALSE(matches("a:*", "a:b:c"));
    EXPECT_TRUE(matches("*:b", "x:b"));
    EXPECT_TRUE(matches("a:*:c", "a:b:c"));
    EXPECT_FALSE(matches("a:*:c", "a:b:d"));
    EXPECT_TRUE(matches("a:**", "a:b"));
    EXPECT_TRUE(matches("a:**", "a:b:c:d"));
    EXPECT_FALSE(matches("a:**", "a"));
    EXPECT_FALSE(matches("a:**", "ab:c"));
    EXPECT_TRUE(matches("**", "a:b"));
    EXPECT_TRUE(matches("*:**", "a:b"));
    EXPECT_FALSE(matches("*:**", "a"));
    EXPECT_TRUE(matches("x,a:*,y", "a:b"));
    EXPECT_FALSE(matches("x,y", "a"));
}

TEST(TypeFilter, MatchesReservedTypesOnlyByTheirPrefix) {
    for (const auto* filter : {"*", "**", "*:dead", "*:*", "*:**"})
        EXPECT_FALSE(matches(filter, "monitor:dead")) << filter;
    for (const auto* filter : {"monitor:dead", "monitor:*", "monitor:**", "a,monitor:*"}) {
        EXPECT_TRUE(matches(filter, "monitor:dead")) << filter;
    }
}

TEST(TypeFilter, KeepsItsFiltersInOneOrder) {
    const auto filter = TypeFilter::parse("b,a:*,b,a").value();
    EXPECT_THAT(filter.filters(), ElementsAre("a", "a:*", "b"));
    EXPECT_EQ(filter.to_text(), "a,a:*,b");
    EXPECT_EQ(TypeFilter::parse("a,b,a:*")->filters(), filter.filters());
}

TEST(TypeFilter, RefusesWhatIsNoFilter) {
    for (const auto* text :
         {",", "a,", ",a", "a,,b", "a b", "a:", ":a", "a:**:b", "**:a", "a*", "*a", "***", "a:***", "a%"}) {
        EXPECT_FALSE(TypeFilter::parse(text)) << text;
    }
    EXPECT_FALSE(TypeFilter::from_list({"a,b"}));
    EXPECT_FALSE(TypeFilter::from_list({""}));
    EXPECT_EQ(TypeFilter::parse("ok,not ok").error(), "\"not?ok\" is not a type filter.");
    EXPECT_EQ(TypeFilter::parse(std::string(300, 'a')).error(),
              "\"" + std::string(60, 'a') + "...\" is not a type filter.");
}

TEST(TypeFilter, TakesAHundredFilters) {
    std::string text = "t0";
    for (int i = 1; i < 100; ++i) text += ",t" + std::to_string(i);
    EXPECT_TRUE(TypeFilter::parse(text));
    EXPECT_THAT(TypeFilter::parse(text + ",t100").error(), HasSubstr("more than 100"));
    EXPECT_FALSE(TypeFilter::parse(std::string(100'000, ',')));
}

}  // namespace
}  // namespace headwater
