#pragma once

#include <curl/curl.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include "sinks/poller.hpp"

namespace headwater::sinks {

/// How many connections a client may have open: a quarter of the descriptors, since the public port needs
/// them more, and 4,000 at most.
[[nodiscard]] std::size_t max_connections();

/// A curl multi handle driven by epoll: the cost of a turn grows with what happens, not with how many
/// transfers are under way. One thread. The transfers' handles belong to the caller.
class CurlLoop {
  public:
    using TimePoint = std::chrono::steady_clock::time_point;
    /// A transfer has ended: it must be removed.
    using Done = std::function<void(CURL* easy, CURLcode code)>;

    /// `wake_fd` ends a turn when it becomes readable.
    explicit CurlLoop(std::optional<int> wake_fd);
    CurlLoop(const CurlLoop&) = delete;
    CurlLoop& operator=(const CurlLoop&) = delete;

    void add(CURL* easy);
    void remove(CURL* easy);
    /// Waits until a socket, a timer or the wake descriptor has something, or until `deadline`, acts, and
    /// calls `done` for each transfer that ended.
    void turn(std::optional<TimePoint> deadline, const Done& done);

    /// Readable when a turn would have something to do; so would it at next_timer().
    [[nodiscard]] int fd() const { return poller_.fd(); }
    [[nodiscard]] std::optional<TimePoint> next_timer() const { return timer_; }

  private:
    struct FreeMulti {
        void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
    };

    static int on_socket(CURL* easy, curl_socket_t socket, int what, void* self, void* known);
    static int on_timer(CURLM* multi, long milliseconds, void* self);
    void watch(curl_socket_t socket, int what, bool is_known);
    void act_on_timer();
    void collect(const Done& done);

    Poller poller_;
    std::optional<int> wake_fd_;
    std::optional<TimePoint> timer_;
    std::unique_ptr<CURLM, FreeMulti> multi_;  // goes first: its sockets leave the poller
};

}  // namespace headwater::sinks
