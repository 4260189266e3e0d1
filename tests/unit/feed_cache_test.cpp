#include "rest/feed_cache.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace headwater::rest {
namespace {

using namespace std::chrono_literals;

FeedDocument page(std::size_t bytes, std::optional<std::chrono::microseconds> lifetime = std::nullopt) {
    FeedDocument document;
    document.body = std::string(bytes, 'x');
    document.caching = {true, lifetime};
    return document;
}

const FeedCache::SteadyTime kNow{1000s};

TEST(FeedCache, GivesBackWhatItKept) {
    FeedCache cache(1 << 20);
    EXPECT_FALSE(cache.find("a", kNow));
    cache.keep("a", page(10), kNow);
    ASSERT_TRUE(cache.find("a", kNow));
    EXPECT_EQ(cache.find("a", kNow)->body, std::string(10, 'x'));
    EXPECT_FALSE(cache.find("b", kNow));
}

TEST(FeedCache, KeepsNoPageThatMayChange) {
    FeedCache cache(1 << 20);
    FeedDocument open = page(10);
    open.caching.is_immutable = false;
    cache.keep("a", open, kNow);
    EXPECT_FALSE(cache.find("a", kNow));
}

TEST(FeedCache, LetsAPageGoWhenItsFirstEventExpires) {
    FeedCache cache(1 << 20);
    cache.keep("a", page(10, 5s), kNow);
    EXPECT_EQ(cache.find("a", kNow + 4s)->caching.lifetime, 1s);
    EXPECT_FALSE(cache.find("a", kNow + 5s));
    EXPECT_EQ(cache.bytes(), 0U);
}

TEST(FeedCache, IsBoundedAndForgetsWhatWasNotReadForTheLongestTime) {
    FeedCache cache(10'000);
    for (const char* key : {"a", "b", "c", "d"}) cache.keep(key, page(2'000), kNow);
    EXPECT_TRUE(cache.find("a", kNow));
    cache.keep("e", page(2'000), kNow);
    EXPECT_TRUE(cache.find("a", kNow));
    EXPECT_FALSE(cache.find("b", kNow));
    EXPECT_TRUE(cache.find("e", kNow));
    EXPECT_LE(cache.bytes(), 10'000U);
}

TEST(FeedCache, RefusesAPageThatWouldPushOutTheRest) {
    FeedCache cache(10'000);
    cache.keep("a", page(5'000), kNow);
    EXPECT_FALSE(cache.find("a", kNow));
}

TEST(FeedCache, IsOffAtZeroBytes) {
    FeedCache cache(0);
    cache.keep("a", page(0), kNow);
    EXPECT_FALSE(cache.find("a", kNow));
}

}  // namespace
}  // namespace headwater::rest
