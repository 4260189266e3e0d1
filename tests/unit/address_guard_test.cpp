#include "sinks/webhook/address_guard.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <cstring>
#include <stdexcept>

namespace headwater::sinks {
namespace {

bool allows(const AddressGuard& guard, const std::string& text) {
    sockaddr_storage address{};
    auto* v4 = reinterpret_cast<sockaddr_in*>(&address);
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&address);
    if (::inet_pton(AF_INET, text.c_str(), &v4->sin_addr) == 1) {
        address.ss_family = AF_INET;
    } else if (::inet_pton(AF_INET6, text.c_str(), &v6->sin6_addr) == 1) {
        address.ss_family = AF_INET6;
    } else {
        throw std::invalid_argument(text);
    }
    return guard.allows(*reinterpret_cast<sockaddr*>(&address));
}

TEST(AddressGuard, RefusesSpecialRangesToTheirLastAddress) {
    const AddressGuard guard({});
    for (const char* address : {"0.0.0.0",
                                "0.255.255.255",
                                "10.0.0.1",
                                "10.255.255.255",
                                "100.64.0.1",
                                "100.127.255.255",
                                "127.0.0.1",
                                "127.255.255.255",
                                "169.254.169.254",
                                "172.16.0.1",
                                "172.31.255.255",
                                "192.0.0.8",
                                "192.0.2.1",
                                "192.88.99.1",
                                "192.168.0.1",
                                "198.18.0.1",
                                "198.19.255.255",
                                "198.51.100.1",
                                "203.0.113.255",
                                "224.0.0.1",
                                "239.255.255.255",
                                "240.0.0.1",
                                "255.255.255.255",
                                "::",
                                "::1",
                                "::127.0.0.1",
                                "fc00::1",
                                "fdff::1",
                                "fe80::1",
                                "febf::1",
                                "ff02::1",
                                "2001:db8::1",
                                "100::1",
                                "2002:7f00:1::",
                                "64:ff9b::7f00:1",
                                "::ffff:10.0.0.1",
                                "::ffff:127.0.0.1"}) {
        EXPECT_FALSE(allows(guard, address)) << address;
    }
}

TEST(AddressGuard, AllowsWhatIsPublicUpToTheEdges) {
    const AddressGuard guard({});
    for (const char* address : {"1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
                                "172.15.255.255", "172.32.0.0", "192.0.1.1", "198.17.255.255", "198.20.0.0",
                                "223.255.255.255", "2606:4700::1111", "::ffff:8.8.8.8", "2003::1"}) {
        EXPECT_TRUE(allows(guard, address)) << address;
    }
}

TEST(AddressGuard, AllowsTheNetworksThatAreNamed) {
    const AddressGuard guard({"127.0.0.0/8", "10.1.2.3", "fd00::/8"});
    EXPECT_TRUE(allows(guard, "127.0.0.1"));
    EXPECT_TRUE(allows(guard, "::ffff:127.0.0.1"));
    EXPECT_TRUE(allows(guard, "10.1.2.3"));
    EXPECT_FALSE(allows(guard, "10.1.2.4"));
    EXPECT_TRUE(allows(guard, "fd12::1"));
    EXPECT_FALSE(allows(guard, "fc12::1"));
    EXPECT_FALSE(allows(guard, "::1"));
}

TEST(AddressGuard, RefusesOtherFamilies) {
    sockaddr address{};
    address.sa_family = AF_UNIX;
    EXPECT_FALSE(AddressGuard({"0.0.0.0/0", "::/0"}).allows(address));
}

TEST(IpNetwork, ReadsCidrAndNothingElse) {
    for (const char* text : {"10.0.0.0/8", "0.0.0.0/0", "1.2.3.4", "::/0", "fd00::/8", "::1"}) {
        EXPECT_TRUE(IpNetwork::parse(text)) << text;
    }
    for (const char* text :
         {"", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0/8", "::/129", "host", "1.2.3.4/8x"}) {
        EXPECT_FALSE(IpNetwork::parse(text)) << text;
    }
    EXPECT_THROW(AddressGuard({"nonsense"}), std::invalid_argument);
}

}  // namespace
}  // namespace headwater::sinks
