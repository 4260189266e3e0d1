#include "rest/router.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "rest/routes.hpp"
#include "rest/uri.hpp"

namespace headwater::rest {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

constexpr Route make_route(Method method, std::string_view pattern) {
    return {method, pattern, pattern, kEverybody, BodyRule::none, "", nullptr};
}

class RouterTest : public ::testing::Test {
  protected:
    RouterTest() {
        for (const Route& route : routes_) router_.add(route);
    }
    std::optional<Router::Match> find(std::string_view path) {
        auto segments = split_path(path);
        return router_.find(*segments);
    }
    std::string_view pattern_of(std::string_view path, Method method = Method::get) {
        const auto match = find(path);
        const Route* route = match ? match->by_method[static_cast<std::size_t>(method)] : nullptr;
        return route != nullptr ? route->pattern : "";
    }

    static constexpr std::array routes_{
        make_route(Method::post, "/api/events/send"),
        make_route(Method::get, "/api/events/{id}"),
        make_route(Method::put, "/api/events/{id}/ok/{client}"),
        make_route(Method::put, "/api/events/ok/{client}"),
        make_route(Method::get, "/feed/{slice}/{at}"),
        make_route(Method::get, "/feed/{from}/to/{to}"),
        make_route(Method::get, "/feed/{slice}/{at}/client/{client}"),
        make_route(Method::get, "/"),
    };
    Router router_;
};

TEST_F(RouterTest, FindsLiteralsBeforeNames) {
    EXPECT_EQ(pattern_of("/api/events/send", Method::post), "/api/events/send");
    EXPECT_EQ(pattern_of("/api/events/send"), "");
    EXPECT_EQ(pattern_of("/api/events/7"), "/api/events/{id}");
    EXPECT_EQ(pattern_of("/api/events/ok/me", Method::put), "/api/events/ok/{client}");
    EXPECT_EQ(pattern_of("/api/events/ok/ok/me", Method::put), "/api/events/{id}/ok/{client}");
}

TEST_F(RouterTest, NamesBelongToTheirPattern) {
    EXPECT_THAT(find("/feed/hour/current")->parameters,
                ElementsAre(Pair("slice", "hour"), Pair("at", "current")));
    EXPECT_THAT(find("/feed/2018/to/2019")->parameters,
                ElementsAre(Pair("from", "2018"), Pair("to", "2019")));
    EXPECT_THAT(find("/feed/hour/current/client/a%2Fb")->parameters,
                ElementsAre(Pair("slice", "hour"), Pair("at", "current"), Pair("client", "a/b")));
}

TEST_F(RouterTest, IgnoresOneSlashAtTheEnd) {
    EXPECT_EQ(pattern_of("/api/events/7/"), "/api/events/{id}");
    EXPECT_EQ(pattern_of("/"), "/");
    EXPECT_FALSE(find("/api/events/7//"));
}

TEST_F(RouterTest, HasNothingForOtherShapes) {
    EXPECT_FALSE(find("/api"));
    EXPECT_FALSE(find("/api/events/7/ok"));
    EXPECT_FALSE(find("/api//7"));
    EXPECT_FALSE(find("/API/events/send"));
}

TEST_F(RouterTest, AllowNamesTheMethodsOfTheAddress) {
    EXPECT_EQ(find("/api/events/send")->allow(), "POST, OPTIONS");
    EXPECT_EQ(find("/api/events/7")->allow(), "GET, HEAD, OPTIONS");
}

}  // namespace
}  // namespace headwater::rest
