#include "postgres/call_watchdog.hpp"

#include <sys/socket.h>

#include "core/log.hpp"
#include "core/work_pool.hpp"

namespace headwater::postgres {
namespace {

constexpr std::chrono::seconds kInterval{1};

}  // namespace

CallWatchdog::Session::Session(std::shared_ptr<CallWatchdog> watchdog, int socket)
    : watchdog_(std::move(watchdog)), socket_(socket) {
    const std::lock_guard lock(watchdog_->mutex_);
    watchdog_->sessions_.insert(this);
}

CallWatchdog::Session::~Session() {
    const std::lock_guard lock(watchdog_->mutex_);
    watchdog_->sessions_.erase(this);
}

CallWatchdog::Call::Call(Session* session, std::chrono::milliseconds limit) : session_(session) {
    if (session_ == nullptr) return;
    const auto deadline = std::chrono::steady_clock::now() + limit;
    session_->deadline_.store(deadline.time_since_epoch().count(), std::memory_order_relaxed);
}

CallWatchdog::Call::~Call() {
    if (session_ != nullptr) session_->deadline_.store(0, std::memory_order_relaxed);
}

CallWatchdog::CallWatchdog()
    : thread_([this](const std::stop_token& stop) {
          name_this_thread("pg-watchdog");
          run(stop);
      }) {}

CallWatchdog::~CallWatchdog() = default;

void CallWatchdog::run(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (!stop.stop_requested()) {
        changed_.wait_for(lock, stop, kInterval, [] { return false; });
        look();
    }
}

/// Under the lock, so that each socket is still its session's own.
void CallWatchdog::look() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
    for (Session* session : sessions_) {
        const auto deadline = session->deadline_.load(std::memory_order_relaxed);
        if (deadline == 0 || now < deadline) continue;
        log::error("postgres.silent");
        ::shutdown(session->socket_, SHUT_RDWR);
        session->deadline_.store(0, std::memory_order_relaxed);
    }
}

}  // namespace headwater::postgres
