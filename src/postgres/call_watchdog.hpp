#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_set>

namespace headwater::postgres {

/// Ends calls that PostgreSQL never answers: libpq waits for ever when the server's processes are stopped or
/// its host is gone, and statement_timeout is the server's own. Looks at all sessions once a second, on a
/// thread of its own, and shuts the socket of one whose call is overdue; libpq then reports a lost
/// connection. Shared by the sessions that it watches.
class CallWatchdog {
  public:
    /// A session under watch; it must end before its socket is closed. Belongs to the session's thread.
    class Session {
      public:
        Session(std::shared_ptr<CallWatchdog> watchdog, int socket);
        ~Session();
        Session(const Session&) = delete;
        Session& operator=(const Session&) = delete;

      private:
        friend class CallWatchdog;
        std::shared_ptr<CallWatchdog> watchdog_;
        int socket_;
        std::atomic<std::chrono::steady_clock::rep> deadline_{0};  // 0: no call under way
    };

    /// A call under way, from construction to destruction. Without a session it watches nothing.
    class Call {
      public:
        Call(Session* session, std::chrono::milliseconds limit);
        ~Call();
        Call(const Call&) = delete;
        Call& operator=(const Call&) = delete;

      private:
        Session* session_;
    };

    CallWatchdog();
    ~CallWatchdog();
    CallWatchdog(const CallWatchdog&) = delete;
    CallWatchdog& operator=(const CallWatchdog&) = delete;

  private:
    void run(const std::stop_token& stop);
    void look();

    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::unordered_set<Session*> sessions_;  // guarded by mutex_
    std::jthread thread_;
};

}  // namespace headwater::postgres
