#pragma once

#include <sys/epoll.h>

#include <array>
#include <chrono>
#include <optional>
#include <span>

namespace headwater::sinks {

/// An epoll set with an owner: tells one thread which of many descriptors have something, at a cost that does
/// not grow with how many there are. Descriptors belong to the caller, and leave the set when they are
/// closed.
class Poller {
  public:
    using TimePoint = std::chrono::steady_clock::time_point;

    /// Throws std::system_error.
    Poller();
    ~Poller();
    Poller(const Poller&) = delete;
    Poller& operator=(const Poller&) = delete;

    /// `events` as in epoll_ctl; level-triggered.
    void add(int fd, std::uint32_t events, epoll_data_t data) { control(EPOLL_CTL_ADD, fd, events, data); }
    void change(int fd, std::uint32_t events, epoll_data_t data) { control(EPOLL_CTL_MOD, fd, events, data); }
    void remove(int fd) { control(EPOLL_CTL_DEL, fd, 0, {}); }
    /// Waits until there is something, or until `deadline` (nothing: for as long as it takes); at most 256 at
    /// once, valid until the next call.
    [[nodiscard]] std::span<const epoll_event> wait(std::optional<TimePoint> deadline);

    /// Readable when wait() would find something.
    [[nodiscard]] int fd() const { return fd_; }

  private:
    void control(int operation, int fd, std::uint32_t events, epoll_data_t data) const;

    int fd_;
    std::array<epoll_event, 256> events_;
};

}  // namespace headwater::sinks
