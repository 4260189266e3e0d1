#include "sinks/webhook/address_guard.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <stdexcept>

namespace headwater::sinks {
namespace {

/// The IANA registries of special-purpose addresses (RFC 6890 and its updates), multicast and the reserved
/// rest.
constexpr std::array<std::string_view, 26> kRefused{
    "0.0.0.0/8",      "10.0.0.0/8",   "100.64.0.0/10",  "127.0.0.0/8",    "169.254.0.0/16", "172.16.0.0/12",
    "192.0.0.0/24",   "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",  "198.51.100.0/24",
    "203.0.113.0/24", "224.0.0.0/4",  "240.0.0.0/4",    "::/96",          "fc00::/7",       "fe80::/10",
    "fec0::/10",      "ff00::/8",     "2001:db8::/32",  "100::/64",       "2002::/16",      "64:ff9b::/96",
    "64:ff9b:1::/48", "2001::/32"};

constexpr std::array<unsigned char, 12> kMappedPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

/// RFC 4291 section 2.5.5.2.
IpNetwork unmapped(const std::array<unsigned char, 16>& address) {
    IpNetwork host{.family = AF_INET6, .address = address, .bits = 128};
    if (std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), address.begin())) {
        host = {.family = AF_INET, .address = {}, .bits = 32};
        std::copy(address.begin() + 12, address.end(), host.address.begin());
    }
    return host;
}

std::optional<IpNetwork> to_host(const sockaddr& address) {
    IpNetwork host;
    if (address.sa_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, &address, sizeof v4);
        std::memcpy(host.address.data(), &v4.sin_addr, 4);
        host.bits = 32;
        return host;
    }
    if (address.sa_family == AF_INET6) {
        sockaddr_in6 v6{};
        std::memcpy(&v6, &address, sizeof v6);
        std::memcpy(host.address.data(), &v6.sin6_addr, 16);
        return unmapped(host.address);
    }
    return std::nullopt;
}

bool contains_any(const std::vector<IpNetwork>& networks, const IpNetwork& host) {
    return std::ranges::any_of(networks, [&](const IpNetwork& network) { return network.contains(host); });
}

}  // namespace

std::optional<IpNetwork> IpNetwork::parse(std::string_view text) {
    const std::size_t slash = text.find('/');
    const std::string address(text.substr(0, slash));
    IpNetwork network;
    network.family = address.find(':') == std::string::npos ? AF_INET : AF_INET6;
    if (::inet_pton(network.family, address.c_str(), network.address.data()) != 1) return std::nullopt;
    const int most = network.family == AF_INET ? 32 : 128;
    network.bits = most;
    if (slash == std::string_view::npos) return network;
    const char* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data() + slash + 1, end, network.bits);
    if (error != std::errc{} || rest != end || network.bits < 0 || network.bits > most) return std::nullopt;
    return network;
}

bool IpNetwork::contains(const IpNetwork& other) const {
    if (family != other.family || bits > other.bits) return false;
    for (int bit = 0; bit < bits; bit += 8) {
        const auto index = static_cast<std::size_t>(bit / 8);
        const int left = std::min(8, bits - bit);
        const int mask = (0xff << (8 - left)) & 0xff;
        if ((address[index] & mask) != (other.address[index] & mask)) return false;
    }
    return true;
}

AddressGuard::AddressGuard(const std::vector<std::string>& allowed) {
    for (const std::string& text : allowed) {
        const auto network = IpNetwork::parse(text);
        if (!network) throw std::invalid_argument("\"" + text + "\" is no network such as 10.0.0.0/8.");
        allowed_.push_back(*network);
    }
    for (const std::string_view text : kRefused) refused_.push_back(IpNetwork::parse(text).value());
}

bool AddressGuard::allows(const sockaddr& address) const {
    const auto host = to_host(address);
    if (!host) return false;
    return contains_any(allowed_, *host) || !contains_any(refused_, *host);
}

}  // namespace headwater::sinks
