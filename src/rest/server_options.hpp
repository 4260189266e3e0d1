#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/connection_limits.hpp"
#include "core/event_parser.hpp"
#include "transport/tls_identity.hpp"

namespace headwater::rest {

/// How the public port behaves.
struct ServerOptions {
    std::string host = "127.0.0.1";
    std::uint16_t port = 0;                    ///< 0 = any free one, see Server::port()
    std::string public_url;                    ///< without a slash at the end; "" = from each request's Host
    std::vector<std::string> trusted_proxies;  ///< CIDRs whose X-Forwarded-* count
    std::vector<std::string> cors_origins;     ///< "*" for all; empty = CORS is off
    std::shared_ptr<const transport::TlsIdentity> tls;  ///< the port speaks HTTPS; null = plain HTTP
    EventLimits limits;
    ConnectionLimits::Bounds connections;
    std::size_t feed_cache_bytes = 64 << 20;  ///< for closed feed pages; 0 = none is kept
    std::size_t held_bytes = 256 << 20;  ///< unfinished bodies and unread answers of all connections together
    std::chrono::milliseconds handshake_timeout{10'000};  ///< from the connection's beginning to TLS
    std::chrono::milliseconds header_timeout{
        10'000};                                     ///< from a request's first byte to the end of its header
    std::chrono::milliseconds body_timeout{60'000};  ///< for the whole body
    std::chrono::milliseconds idle_timeout{75'000};  ///< between requests
    std::chrono::milliseconds write_timeout{60'000};  ///< for one whole answer
};

}  // namespace headwater::rest
