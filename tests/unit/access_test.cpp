#include "core/access.hpp"

#include <gtest/gtest.h>

namespace headwater {
namespace {

TypeFilter filter(std::string_view text) {
    return TypeFilter::parse(text).value();
}

std::string both(std::string_view a, std::string_view b) {
    const std::string one = TypeFilter::both(filter(a), filter(b)).to_text();
    EXPECT_EQ(one, TypeFilter::both(filter(b), filter(a)).to_text()) << a << " and " << b;
    return one;
}

TEST(Scope, IsSpelledAsInSql) {
    for (const Scope scope : kScopes) EXPECT_EQ(parse_scope(to_string(scope)), scope);
    EXPECT_EQ(to_string(Scope::register_), "register");
    EXPECT_FALSE(parse_scope("none"));
}

TEST(TypeFilterBoth, MeetsSegmentBySegment) {
    EXPECT_EQ(both("a:b", "a:b"), "a:b");
    EXPECT_EQ(both("a:*", "*:b"), "a:b");
    EXPECT_EQ(both("a:**", "*:*"), "a:*");
    EXPECT_EQ(both("**", "a:*:c"), "a:*:c");
    EXPECT_EQ(both("a:**", "a:b:**"), "a:b:**");
    EXPECT_EQ(both("a:b", "a:c"), "!");
    EXPECT_EQ(both("a:*", "a:b:c"), "!");
    EXPECT_EQ(both("a", "a:**"), "!");
    EXPECT_EQ(both("a:*,b:*", "*:x,b:y"), "a:x,b:x,b:y");
}

TEST(TypeFilterBoth, NamesReservedPrefixesOnBothSidesOrNotAtAll) {
    EXPECT_EQ(both("room:*", "*:task"), "!");
    EXPECT_EQ(both("room:*", "**"), "!");
    EXPECT_EQ(both("room:**", "room:task"), "room:task");
    EXPECT_EQ(both("room", "*"), "room");
}

TEST(TypeFilterBoth, TakesTheDefaultForEverythingThatIsNotReserved) {
    EXPECT_EQ(both("", ""), "");
    EXPECT_EQ(both("", "a:b,room:task"), "a:b");
    EXPECT_EQ(both("", "room:task"), "!");
    EXPECT_EQ(TypeFilter::both(TypeFilter::none(), filter("")).to_text(), "!");
    EXPECT_FALSE(TypeFilter::none().matches("a:b"));
    EXPECT_FALSE(TypeFilter::none().is_default());
}

// Whatever the two filters are: the one that was worked out matches exactly what both match.
TEST(TypeFilterBoth, AgreesWithAskingBoth) {
    const std::vector<std::string> texts{"",
                                         "*",
                                         "**",
                                         "a",
                                         "a:*",
                                         "a:**",
                                         "*:b",
                                         "a:b",
                                         "*:*",
                                         "*:**",
                                         "a:b:c",
                                         "a:*:c",
                                         "room",
                                         "room:*",
                                         "*:b:*",
                                         "room:**",
                                         "room:b",
                                         "a:b,room:b",
                                         "b,*:c,monitor:*"};
    const std::vector<std::string> types{"a",     "b",    "a:b",    "a:c",      "b:c",        "a:b:c",
                                         "x:b:y", "room", "room:b", "room:b:c", "monitor:ok", "a:x:c"};
    for (const auto& a : texts) {
        for (const auto& b : texts) {
            const TypeFilter common = TypeFilter::both(filter(a), filter(b));
            for (const auto& type : types) {
                EXPECT_EQ(common.matches(type), filter(a).matches(type) && filter(b).matches(type))
                    << type << " under " << a << " and " << b;
            }
        }
    }
}

TEST(Grants, AreWidenedByEachOther) {
    Grants grants;
    EXPECT_FALSE(grants.allow(Scope::read));
    grants.add(Scope::read, filter("a:*"));
    grants.add(Scope::read, filter("b"));
    EXPECT_TRUE(grants.allow(Scope::read, "a:x"));
    EXPECT_TRUE(grants.allow(Scope::read, "b"));
    EXPECT_FALSE(grants.allow(Scope::read, "c"));
    EXPECT_FALSE(grants.allow(Scope::send));
    ASSERT_NE(grants.types(Scope::read), nullptr);
    grants.add(Scope::read, std::nullopt);
    EXPECT_EQ(grants.types(Scope::read), nullptr);
    EXPECT_TRUE(grants.allow(Scope::read, "room:task"));
}

TEST(Grants, OfAnAdminHoldEveryScope) {
    Grants grants;
    grants.add(Scope::admin, std::nullopt);
    for (const Scope scope : kScopes) EXPECT_TRUE(grants.allow(scope, "room:task"));
}

TEST(Caller, MayDoEverythingInTheOpenUnderTheTokensName) {
    const Caller caller = Caller::in_the_open("alice");
    EXPECT_TRUE(caller.is_open());
    EXPECT_EQ(caller.user(), "alice");
    EXPECT_TRUE(caller.may(Scope::admin, "room:task"));
    EXPECT_EQ(caller.narrow(Scope::read, filter("a")).to_text(), "a");
}

TEST(Caller, WhoIsNobodyMayDoNothing) {
    EXPECT_FALSE(Caller{}.may(Scope::read));
    EXPECT_FALSE(Caller{}.is_good());
    EXPECT_TRUE(Caller{}.narrow(Scope::read, filter("")).is_none());
    EXPECT_TRUE(Caller::nobody_with_credential().has_credential());
}

TEST(Caller, HoldsAKeyUntilItEnds) {
    auto access = std::make_shared<Access>();
    access->id = KeyId{7};
    access->name = "reader";
    access->grants.add(Scope::read, filter("a:*"));
    const Caller caller = Caller::holder_of(access);
    EXPECT_EQ(caller.key(), KeyId{7});
    EXPECT_EQ(caller.user(), "reader");
    EXPECT_TRUE(caller.may(Scope::read, "a:b"));
    EXPECT_FALSE(caller.may(Scope::read, "b"));
    EXPECT_FALSE(caller.may(Scope::send));
    EXPECT_EQ(caller.narrow(Scope::read, filter("")).to_text(), "a:*");
    EXPECT_TRUE(caller.is_good());
    access->has_ended = true;
    EXPECT_FALSE(caller.is_good());
}

}  // namespace
}  // namespace headwater
