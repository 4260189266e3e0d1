#include "core/connection_limits.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace headwater {
namespace {

using Place = ConnectionLimits::Place;

const RemoteAddress kHere = RemoteAddress::of_v4({127, 0, 0, 1});
const RemoteAddress kThere = RemoteAddress::of_v4({192, 0, 2, 7});

TEST(ConnectionLimits, CountInTotal) {
    ConnectionLimits limits({.total = 2, .per_address = 10});
    Place first = limits.take(kHere);
    const Place second = limits.take(std::nullopt);
    EXPECT_FALSE(first.is_one_too_many());
    EXPECT_FALSE(second.is_one_too_many());
    EXPECT_TRUE(limits.take(kThere).is_one_too_many());
    first = Place();
    EXPECT_FALSE(limits.take(kThere).is_one_too_many()) << "a place that was given back is free";
}

TEST(ConnectionLimits, CountByAddress) {
    ConnectionLimits limits({.total = 10, .per_address = 1});
    const Place first = limits.take(kHere);
    EXPECT_TRUE(limits.take(kHere).is_one_too_many());
    EXPECT_FALSE(limits.take(kThere).is_one_too_many());
    EXPECT_FALSE(limits.take(std::nullopt).is_one_too_many());
}

TEST(ConnectionLimits, CountAProxysClientOnceItIsKnown) {
    ConnectionLimits limits({.total = 10, .per_address = 1});
    Place first = limits.take(std::nullopt);
    first.count_for(kThere);
    Place second = limits.take(std::nullopt);
    EXPECT_FALSE(second.is_one_too_many());
    second.count_for(kThere);
    EXPECT_TRUE(second.is_one_too_many());
}

TEST(ConnectionLimits, GiveUpOnWhoeverIsFarBeyond) {
    ConnectionLimits limits({.total = 100, .per_address = 1});
    std::vector<Place> places;
    for (int i = 0; i < 65; ++i) places.push_back(limits.take(kHere));
    EXPECT_TRUE(places.back().is_one_too_many());
    EXPECT_FALSE(places.back().is_hopeless()) << "it is still told why";
    EXPECT_TRUE(limits.take(kHere).is_hopeless());
}

TEST(ConnectionLimits, APlaceMovesAndMayStayLonger) {
    Place place;
    {
        ConnectionLimits limits({.total = 1, .per_address = 1});
        Place taken = limits.take(kHere);
        place = std::move(taken);
        EXPECT_TRUE(limits.take(kHere).is_one_too_many());
    }
    EXPECT_FALSE(place.is_one_too_many());
}

TEST(RemoteAddress, IsOneForAMappedAddressAndForANetworkOf64Bits) {
    EXPECT_EQ(RemoteAddress::of_v6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1}), kHere);
    const auto v6 = [](unsigned char network, unsigned char host) {
        return RemoteAddress::of_v6({0x20, 1, 0xd, 0xb8, 0, 0, 0, network, 0, 0, 0, 0, 0, 0, 0, host});
    };
    EXPECT_EQ(v6(1, 1), v6(1, 2));
    EXPECT_NE(v6(1, 1), v6(2, 1));
    EXPECT_NE(kHere, kThere);
}

}  // namespace
}  // namespace headwater
