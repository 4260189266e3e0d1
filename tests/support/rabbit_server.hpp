#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "postgres/process.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/temp_dir.hpp"

namespace headwater::testing {

/// A RabbitMQ node of the test's own: home, data, logs, ports and port mapper (epmd) are nobody else's. A
/// start takes some seconds, so the tests of a file share one. It dies with the thread that started it. Not
/// thread-safe.
class RabbitServer {
  public:
    /// Starts it.
    RabbitServer();
    ~RabbitServer();

    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] std::string url() const;
    /// Over TLS, with a certificate that only ca_file() vouches for.
    [[nodiscard]] std::string tls_url() const;
    [[nodiscard]] std::string ca_file() const { return certificate_.authority.string(); }
    /// The same broker through a TcpProxy to port().
    [[nodiscard]] std::string url_through(std::uint16_t proxy_port) const;

    void start();  ///< on the same port, with the same data
    void stop();   ///< in order
    void kill();   ///< kill -9

    /// A memory alarm: the broker blocks every connection that publishes.
    void raise_alarm();
    void clear_alarm();
    /// Runs rabbitmqctl with these words; returns its output. Throws when it fails.
    std::string control(std::vector<std::string> words) const;

  private:
    [[nodiscard]] postgres::Command command(std::vector<std::string> arguments) const;
    void write_files() const;
    void start_port_mapper();
    [[nodiscard]] bool takes_connections() const;

    TempDir folder_;
    std::optional<postgres::Account> account_;
    std::uint16_t port_;
    std::uint16_t mapper_port_;
    std::uint16_t node_port_;
    std::uint16_t tls_port_;
    TestCertificate certificate_;
    std::optional<postgres::ChildProcess> mapper_;
    std::optional<postgres::ChildProcess> node_;
};

}  // namespace headwater::testing
