#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "rest/server_options.hpp"
#include "rest/services.hpp"

namespace boost::asio {
class io_context;
}

namespace headwater::rest {

/// The public port: HTTP/1.1 over plain TCP. Each io_context must be run by exactly one thread; connections
/// are handed to them in turn. The contexts and the services outlive the server; the server outlives the
/// threads' work on it: call stop() while they still run.
class Server {
  public:
    /// Binds and listens; connections wait until start(). Throws std::runtime_error with one plain sentence
    /// when the address cannot be bound or an option makes no sense.
    Server(std::vector<boost::asio::io_context*> contexts, ServerOptions options, Services& services);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    void start();
    /// The real port.
    [[nodiscard]] std::uint16_t port() const;
    /// Closes the listening socket and idle connections; the others close after the answer under way. Any
    /// thread.
    void stop_accepting();
    /// Waits until every HTTP connection is closed (live ones were handed on and do not count); false when
    /// the deadline came first.
    [[nodiscard]] bool wait_until_drained(std::chrono::milliseconds deadline);
    /// Closes every connection and waits until none is left, at most a second. Idempotent.
    void stop();

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace headwater::rest
