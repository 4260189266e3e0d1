#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/connection_limits.hpp"

namespace headwater::rest {

/// The networks whose X-Forwarded-* headers are believed. Immutable.
class TrustedProxies {
  public:
    /// CIDRs or single addresses, IPv4 and IPv6. Throws std::runtime_error with one plain sentence for a bad
    /// one.
    explicit TrustedProxies(const std::vector<std::string>& networks);
    ~TrustedProxies();

    /// `address` as text, such as "10.0.0.7".
    [[nodiscard]] bool contains(std::string_view address) const;
    [[nodiscard]] bool empty() const;
    /// The client that `X-Forwarded-For` names: its last address that is no trusted proxy itself, since only
    /// what our own proxies have added is true. Nothing when that is no address.
    [[nodiscard]] std::optional<RemoteAddress> client_in(std::string_view forwarded_for) const;

  private:
    struct Networks;
    std::unique_ptr<Networks> networks_;
};

}  // namespace headwater::rest
