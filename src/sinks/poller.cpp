#include "sinks/poller.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace headwater::sinks {
namespace {

int milliseconds_until(std::optional<Poller::TimePoint> deadline) {
    constexpr std::int64_t kAtMost = 3'600'000;
    if (!deadline) return -1;
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(*deadline - std::chrono::steady_clock::now());
    return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, kAtMost));
}

}  // namespace

Poller::Poller() : fd_(::epoll_create1(EPOLL_CLOEXEC)) {
    if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "epoll");
}

Poller::~Poller() {
    ::close(fd_);
}

std::span<const epoll_event> Poller::wait(std::optional<TimePoint> deadline) {
    const int count =
        ::epoll_wait(fd_, events_.data(), static_cast<int>(events_.size()), milliseconds_until(deadline));
    return std::span(events_).first(static_cast<std::size_t>(std::max(count, 0)));
}

void Poller::control(int operation, int fd, std::uint32_t events, epoll_data_t data) const {
    epoll_event event{.events = events, .data = data};
    ::epoll_ctl(fd_, operation, fd, &event);
}

}  // namespace headwater::sinks
