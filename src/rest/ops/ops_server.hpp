#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace headwater::rest {

/// The private port: GET /metrics, /healthz, /readyz, on Pistache with a thread of its own. Every answer is
/// made from memory and given synchronously (docs/decisions tells why Pistache does nothing else here).
class OpsServer {
  public:
    struct Options {
        std::string host = "127.0.0.1";
        std::uint16_t port = 0;  ///< 0 = any free one
    };
    /// Where the answers come from. Called on the server's thread; must not block or throw.
    struct Sources {
        std::function<std::string()> metrics;                  ///< Prometheus' text format
        std::function<std::vector<std::string>()> complaints;  ///< what stands against readiness
    };

    /// Listens and serves at once. Throws std::runtime_error with one sentence when the address cannot be
    /// bound.
    OpsServer(const Options& options, Sources sources);
    ~OpsServer();
    OpsServer(const OpsServer&) = delete;
    OpsServer& operator=(const OpsServer&) = delete;

    [[nodiscard]] std::uint16_t port() const;
    void stop();  ///< idempotent

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace headwater::rest
