#include "sinks/rabbit/socket_watchdog.hpp"

#include <sys/socket.h>

#include "core/log.hpp"
#include "core/work_pool.hpp"

namespace headwater::sinks {

SocketWatchdog::SocketWatchdog()
    : thread_([this](const std::stop_token& stop) {
          name_this_thread("rabbit-watchdog");
          run(stop);
      }) {}

SocketWatchdog::~SocketWatchdog() = default;

SocketWatchdog::Watch::Watch(SocketWatchdog& dog, int socket, std::chrono::milliseconds limit) : dog_(dog) {
    bool must_wake = false;
    {
        const std::lock_guard lock(dog_.mutex_);
        dog_.call_ = Call{socket, std::chrono::steady_clock::now() + limit};
        must_wake = dog_.is_sleeping_;
    }
    if (must_wake) dog_.changed_.notify_one();
}

SocketWatchdog::Watch::~Watch() {
    const std::lock_guard lock(dog_.mutex_);
    dog_.call_.reset();
}

void SocketWatchdog::run(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (!stop.stop_requested()) {
        is_sleeping_ = !call_;
        if (!call_) {
            changed_.wait(lock, stop, [this] { return call_.has_value(); });
            continue;
        }
        const auto deadline = call_->deadline;
        if (std::chrono::steady_clock::now() >= deadline) {
            // Still under the lock, so that the socket is the watched call's own.
            log::warn("rabbit.stuck");
            ::shutdown(call_->socket, SHUT_RDWR);
            call_.reset();
            continue;
        }
        // Calls that end in time do not wake this thread: it looks again when the deadline it knows has
        // passed.
        changed_.wait_until(lock, stop, deadline, [] { return false; });
    }
}

}  // namespace headwater::sinks
