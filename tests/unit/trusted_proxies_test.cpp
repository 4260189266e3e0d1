#include "rest/trusted_proxies.hpp"

#include <gtest/gtest.h>

namespace headwater::rest {
namespace {

const RemoteAddress kClient = RemoteAddress::of_v4({192, 0, 2, 7});

TEST(TrustedProxies, BelieveTheLastAddressThatIsNotTheirOwn) {
    const TrustedProxies proxies({"10.0.0.0/8", "2001:db8::/32"});
    EXPECT_EQ(proxies.client_in("192.0.2.7"), kClient);
    EXPECT_EQ(proxies.client_in("198.51.100.1, 192.0.2.7, 10.1.2.3,10.9.9.9"), kClient);
    EXPECT_EQ(proxies.client_in("198.51.100.1, 192.0.2.7, 2001:db8::5"), kClient);
    EXPECT_FALSE(proxies.client_in("10.1.2.3")) << "nobody but proxies";
}

TEST(TrustedProxies, ReadAddressesWithPorts) {
    const TrustedProxies proxies({"10.0.0.0/8"});
    EXPECT_EQ(proxies.client_in("192.0.2.7:4711"), kClient);
    EXPECT_EQ(proxies.client_in("[::ffff:192.0.2.7]:4711"), kClient);
    EXPECT_EQ(proxies.client_in("::ffff:192.0.2.7"), kClient);
}

TEST(TrustedProxies, MakeNothingOfWhatIsNoAddress) {
    const TrustedProxies proxies({"10.0.0.0/8"});
    for (const auto* text : {"", ",", "unknown", "192.0.2.7, unknown", "[", "]", "192.0.2", ":", "::1::"}) {
        EXPECT_FALSE(proxies.client_in(text)) << text;
    }
}

}  // namespace
}  // namespace headwater::rest
