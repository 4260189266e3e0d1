#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

namespace headwater::sinks {

/// Shuts a socket down when the call that uses it has not come back in time: rabbitmq-c's publish blocks for
/// ever while the broker does not read. One thread of its own; the others may be called by the connection's
/// thread only.
class SocketWatchdog {
  public:
    SocketWatchdog();
    ~SocketWatchdog();
    SocketWatchdog(const SocketWatchdog&) = delete;
    SocketWatchdog& operator=(const SocketWatchdog&) = delete;

    /// Watches a call from its construction to its end.
    class Watch {
      public:
        Watch(SocketWatchdog& dog, int socket, std::chrono::milliseconds limit);
        ~Watch();
        Watch(const Watch&) = delete;
        Watch& operator=(const Watch&) = delete;

      private:
        SocketWatchdog& dog_;
    };

  private:
    struct Call {
        int socket;
        std::chrono::steady_clock::time_point deadline;
    };
    void run(const std::stop_token& stop);

    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::optional<Call> call_;  // guarded by mutex_
    bool is_sleeping_ = true;   // guarded by mutex_: waiting without a deadline
    std::jthread thread_;
};

}  // namespace headwater::sinks
