#pragma once

#include <unistd.h>

#include <utility>

namespace headwater::sinks {

/// An open socket, closed by whoever holds this.
class SocketHandle {
  public:
    SocketHandle() = default;
    explicit SocketHandle(int fd) : fd_(fd) {}
    SocketHandle(SocketHandle&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    SocketHandle& operator=(SocketHandle&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~SocketHandle() {
        if (fd_ >= 0) ::close(fd_);
    }

    [[nodiscard]] int get() const { return fd_; }
    void close() { SocketHandle().swap(*this); }

  private:
    void swap(SocketHandle& other) noexcept { std::swap(fd_, other.fd_); }

    int fd_ = -1;
};

}  // namespace headwater::sinks
