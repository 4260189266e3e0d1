#pragma once

#include <curl/curl.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

namespace headwater::sinks {

/// A curl multi handle driven by epoll: the cost of a turn grows with what happens, not with how many
/// transfers are under way. One thread. The transfers' handles belong to the caller.
class CurlLoop {
  public:
    using TimePoint = std::chrono::steady_clock::time_point;
    using Done = std::function<void(CURL* easy, CURLcode code)>;

    /// `wake_fd` ends a turn when it becomes readable.
    explicit CurlLoop(int wake_fd);
    ~CurlLoop();
    CurlLoop(const CurlLoop&) = delete;
    CurlLoop& operator=(const CurlLoop&) = delete;

    void add(CURL* easy);
    void remove(CURL* easy);
    /// Waits until a socket, a timer or the wake descriptor has something, or until `deadline`, acts, and
    /// calls `done` for each transfer that ended (already removed).
    void turn(std::optional<TimePoint> deadline, const Done& done);

  private:
    struct FreeMulti {
        void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
    };

    static int on_socket(CURL* easy, curl_socket_t socket, int what, void* self, void* known);
    static int on_timer(CURLM* multi, long milliseconds, void* self);
    void watch(curl_socket_t socket, int what, bool is_known);
    [[nodiscard]] int wait_milliseconds(std::optional<TimePoint> deadline) const;
    void act_on_timer();
    void collect(const Done& done);

    int epoll_;
    int wake_fd_;
    std::optional<TimePoint> timer_;
    std::unique_ptr<CURLM, FreeMulti> multi_;
};

}  // namespace headwater::sinks
