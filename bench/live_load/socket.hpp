#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

namespace headwater::bench {

/// A non-blocking TCP connection to 127.0.0.1, closed by the destructor.
class Socket {
  public:
    /// Begins to connect. `receive_buffer` bounds what the kernel keeps for us; 0 = as usual. Throws
    /// std::system_error when there is no descriptor or no port left.
    explicit Socket(std::uint16_t port, int receive_buffer = 0);
    ~Socket();
    Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Socket& operator=(Socket&&) = delete;

    [[nodiscard]] int fd() const { return fd_; }
    /// Sends all of it: what this program says is short. False when the connection is broken.
    [[nodiscard]] bool send(std::string_view bytes) const;
    /// The number of bytes, 0 when nothing is there now, -1 at the end of the connection.
    [[nodiscard]] long receive(char* buffer, std::size_t size) const;

  private:
    int fd_;
};

}  // namespace headwater::bench
