#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

struct ssl_st;

namespace headwater::bench {

/// A non-blocking TCP connection to 127.0.0.1, closed by the destructor.
class Socket {
  public:
    /// Begins to connect. `receive_buffer` bounds what the kernel keeps for us; 0 = as usual. Throws
    /// std::system_error when there is no descriptor or no port left.
    explicit Socket(std::uint16_t port, int receive_buffer = 0);
    ~Socket();
    Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)), tls_(std::move(other.tls_)) {}
    Socket& operator=(Socket&&) = delete;

    /// Once it is connected: TLS from here on, with whatever certificate the server shows. Waits for the
    /// handshake. False when there is none.
    [[nodiscard]] bool start_tls();

    [[nodiscard]] int fd() const { return fd_; }
    /// Sends all of it: what this program says is short. False when the connection is broken.
    [[nodiscard]] bool send(std::string_view bytes) const;
    /// The number of bytes, 0 when nothing is there now, -1 at the end of the connection.
    [[nodiscard]] long receive(char* buffer, std::size_t size) const;
    /// There is more although the descriptor may not say so.
    [[nodiscard]] bool has_pending() const;

  private:
    struct FreeTls {
        void operator()(ssl_st* tls) const;
    };
    int fd_;
    std::unique_ptr<ssl_st, FreeTls> tls_;
};

}  // namespace headwater::bench
