#include "rest/trusted_proxies.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <stdexcept>

#include "rest/headers.hpp"
#include "rest/remote_address.hpp"

namespace headwater::rest {

namespace ip = boost::asio::ip;

namespace {

/// Some proxies write the client's port too: `192.0.2.7:4711`, `[2001:db8::7]:4711`.
std::string_view without_port(std::string_view text) {
    if (text.starts_with('[')) return text.substr(1, std::min(text.find(']'), text.size()) - 1);
    const std::size_t colon = text.find(':');
    return text.rfind(':') == colon ? text.substr(0, colon) : text;
}

}  // namespace

struct TrustedProxies::Networks {
    std::vector<ip::network_v4> v4;
    std::vector<ip::network_v6> v6;

    bool add(const std::string& text) {
        boost::system::error_code ec;
        const bool is_v6 = text.find(':') != std::string::npos;
        const bool has_prefix = text.find('/') != std::string::npos;
        if (is_v6) {
            v6.push_back(ip::make_network_v6(has_prefix ? text : text + "/128", ec).canonical());
        } else {
            v4.push_back(ip::make_network_v4(has_prefix ? text : text + "/32", ec).canonical());
        }
        return !ec;
    }
};

TrustedProxies::TrustedProxies(const std::vector<std::string>& networks)
    : networks_(std::make_unique<Networks>()) {
    for (const std::string& network : networks) {
        if (!networks_->add(network))
            throw std::runtime_error("'" + network + "' is not a network such as 10.0.0.0/8.");
    }
}

TrustedProxies::~TrustedProxies() = default;

bool TrustedProxies::empty() const {
    return networks_->v4.empty() && networks_->v6.empty();
}

bool TrustedProxies::contains(std::string_view text) const {
    boost::system::error_code ec;
    ip::address address = ip::make_address(std::string(text), ec);
    if (ec) return false;
    if (address.is_v6() && address.to_v6().is_v4_mapped()) {
        address = ip::make_address_v4(ip::v4_mapped, address.to_v6());
    }
    if (address.is_v4()) {
        const auto holds = [a = address.to_v4().to_uint()](const ip::network_v4& n) {
            return (a & n.netmask().to_uint()) == n.network().to_uint();
        };
        return std::ranges::any_of(networks_->v4, holds);
    }
    const auto holds = [a = address.to_v6()](const ip::network_v6& n) {
        return ip::network_v6(a, n.prefix_length()).canonical() == n;
    };
    return std::ranges::any_of(networks_->v6, holds);
}

std::optional<RemoteAddress> TrustedProxies::client_in(std::string_view forwarded_for) const {
    while (!forwarded_for.empty()) {
        const std::size_t comma = forwarded_for.rfind(',');
        const std::string_view last =
            trim(comma == std::string_view::npos ? forwarded_for : forwarded_for.substr(comma + 1));
        boost::system::error_code ec;
        const ip::address address = ip::make_address(std::string(without_port(last)), ec);
        if (ec) return std::nullopt;
        if (!contains(address.to_string())) return to_remote_address(address);
        forwarded_for = forwarded_for.substr(0, comma == std::string_view::npos ? 0 : comma);
    }
    return std::nullopt;
}

}  // namespace headwater::rest
