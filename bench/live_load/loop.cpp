#include "loop.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace headwater::bench {
namespace {

void control(int epoll, int operation, int fd, std::uint32_t events, Loop::Watcher& watcher) {
    epoll_event event{};
    event.events = events;
    event.data.ptr = &watcher;
    if (epoll_ctl(epoll, operation, fd, &event) != 0) {
        throw std::system_error(errno, std::generic_category(), "epoll_ctl");
    }
}

}  // namespace

Loop::Loop() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    if (epoll_ < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
}

Loop::~Loop() {
    close(epoll_);
}

void Loop::watch(int fd, std::uint32_t events, Watcher& watcher) {
    control(epoll_, EPOLL_CTL_ADD, fd, events, watcher);
}

void Loop::change(int fd, std::uint32_t events, Watcher& watcher) {
    control(epoll_, EPOLL_CTL_MOD, fd, events, watcher);
}

void Loop::run_until(const std::function<bool()>& is_done) {
    constexpr int kPatienceMs = 100;
    std::array<epoll_event, 1024> ready{};
    while (!is_done()) {
        const int count = epoll_wait(epoll_, ready.data(), static_cast<int>(ready.size()), kPatienceMs);
        for (int i = 0; i < count; ++i) {
            const epoll_event& event = ready[static_cast<std::size_t>(i)];
            static_cast<Watcher*>(event.data.ptr)->on_ready(event.events);
        }
    }
}

}  // namespace headwater::bench
