#pragma once

#include <sys/socket.h>

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headwater::sinks {

/// An IP network in CIDR notation, such as 10.0.0.0/8 or fd00::/8; a lone address is a network of one.
struct IpNetwork {
    int family = AF_INET;
    std::array<unsigned char, 16> address{};
    int bits = 0;

    [[nodiscard]] static std::optional<IpNetwork> parse(std::string_view text);
    [[nodiscard]] bool contains(const IpNetwork& other) const;
};

/// Decides to which addresses webhooks may connect, after resolution, so that no name and no spelling of an
/// address gets around it (SSRF): private, loopback, link-local and other special ranges are refused unless
/// an allowed network holds them. Immutable.
class AddressGuard {
  public:
    /// Throws std::invalid_argument for a text that is no network.
    explicit AddressGuard(const std::vector<std::string>& allowed);

    /// IPv4 and IPv6; any other family is refused. IPv4-mapped IPv6 addresses count as the IPv4 ones.
    [[nodiscard]] bool allows(const sockaddr& address) const;

  private:
    std::vector<IpNetwork> allowed_;
    std::vector<IpNetwork> refused_;
};

}  // namespace headwater::sinks
