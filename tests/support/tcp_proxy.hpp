#pragma once

#include <cstdint>
#include <filesystem>
#include <list>
#include <mutex>
#include <thread>
#include <variant>

#include "tests/support/sockets.hpp"

namespace headwater::testing {

/// A link between a client and a server that a test can break and mend. Listens on 127.0.0.1; the server is a
/// TCP port on the loopback or a unix socket. Thread-safe.
class TcpProxy {
  public:
    using Upstream = std::variant<std::uint16_t, std::filesystem::path>;

    explicit TcpProxy(Upstream upstream);
    ~TcpProxy();
    TcpProxy(const TcpProxy&) = delete;
    TcpProxy& operator=(const TcpProxy&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }

    /// Resets every connection and refuses new ones.
    void cut();
    /// Resets every connection; new ones pass.
    void drop_connections();
    /// Keeps every connection open and carries nothing, like a cable that was pulled.
    void stall();
    /// Carries what the client sends and withholds what the server answers: the work is done, and nobody
    /// learns of it.
    void withhold_answers();
    /// Carries everything again, what was held back too. Connections that were cut stay so.
    void mend();

    [[nodiscard]] std::size_t connections() const;
    /// How many of them the client has ended, whether that was carried on or not.
    [[nodiscard]] std::size_t hung_up() const;

  private:
    enum class Mode { passing, withholding, stalled, cut };
    struct Link;

    void run();
    void set_mode(Mode mode, bool drops);
    void wake() const;
    void accept_one();
    /// False when the link is over.
    [[nodiscard]] bool carry(Link& link);

    Upstream upstream_;
    FileDescriptor wake_;
    std::uint16_t port_ = 0;
    mutable std::mutex mutex_;
    FileDescriptor listener_;    // guarded by mutex_
    std::list<Link> links_;      // guarded by mutex_
    Mode mode_ = Mode::passing;  // guarded by mutex_
    bool is_stopping_ = false;   // guarded by mutex_
    std::thread thread_;
};

}  // namespace headwater::testing
