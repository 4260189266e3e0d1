#include "sinks/wake_fd.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

namespace headwater::sinks {

WakeFd::WakeFd() : fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

WakeFd::~WakeFd() {
    ::close(fd_);
}

void WakeFd::wake() const {
    const std::uint64_t one = 1;
    // It can only fail when the counter is full, and then the thread is awake.
    [[maybe_unused]] const auto written = ::write(fd_, &one, sizeof one);
}

void WakeFd::clear() const {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto read = ::read(fd_, &count, sizeof count);
}

}  // namespace headwater::sinks
