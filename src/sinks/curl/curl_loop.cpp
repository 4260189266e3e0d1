#include "sinks/curl/curl_loop.hpp"

#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace headwater::sinks {
namespace {

constexpr long kIdleConnectionsKept = 1000;
constexpr long kMaxConnections = 4000;  // beyond, transfers wait for one that ends

/// A quarter of the descriptors at most: the public port needs them more.
long max_connections() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return kMaxConnections;
    return std::clamp(static_cast<long>(limit.rlim_cur / 4), 16L, kMaxConnections);
}

}  // namespace

CurlLoop::CurlLoop(int wake_fd)
    : epoll_(::epoll_create1(EPOLL_CLOEXEC)), wake_fd_(wake_fd), multi_(curl_multi_init()) {
    if (epoll_ < 0) throw std::system_error(errno, std::generic_category(), "epoll");
    if (!multi_) throw std::bad_alloc();
    epoll_event event{.events = EPOLLIN, .data = {.fd = wake_fd}};
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_fd, &event);
    curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETFUNCTION, &on_socket);
    curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETDATA, static_cast<void*>(this));
    curl_multi_setopt(multi_.get(), CURLMOPT_TIMERFUNCTION, &on_timer);
    curl_multi_setopt(multi_.get(), CURLMOPT_TIMERDATA, static_cast<void*>(this));
    curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, kIdleConnectionsKept);
    curl_multi_setopt(multi_.get(), CURLMOPT_MAX_TOTAL_CONNECTIONS, max_connections());
}

CurlLoop::~CurlLoop() {
    multi_.reset();  // its sockets leave the epoll set while that still exists
    ::close(epoll_);
}

void CurlLoop::add(CURL* easy) {
    curl_multi_add_handle(multi_.get(), easy);
}

void CurlLoop::remove(CURL* easy) {
    curl_multi_remove_handle(multi_.get(), easy);
}

void CurlLoop::turn(std::optional<TimePoint> deadline, const Done& done) {
    std::array<epoll_event, 256> events;
    const int count =
        ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), wait_milliseconds(deadline));
    int running = 0;
    for (int i = 0; i < count; ++i) {
        const epoll_event& event = events[static_cast<std::size_t>(i)];
        if (event.data.fd == wake_fd_) continue;
        int action = 0;
        if ((event.events & EPOLLIN) != 0) action |= CURL_CSELECT_IN;
        if ((event.events & EPOLLOUT) != 0) action |= CURL_CSELECT_OUT;
        if ((event.events & (EPOLLERR | EPOLLHUP)) != 0) action |= CURL_CSELECT_ERR;
        curl_multi_socket_action(multi_.get(), event.data.fd, action, &running);
    }
    act_on_timer();
    collect(done);
}

int CurlLoop::wait_milliseconds(std::optional<TimePoint> deadline) const {
    constexpr std::int64_t kAtMost = 3'600'000;
    if (timer_ && (!deadline || *timer_ < *deadline)) deadline = timer_;
    if (!deadline) return -1;
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(*deadline - std::chrono::steady_clock::now());
    return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, kAtMost));
}

void CurlLoop::act_on_timer() {
    if (!timer_ || std::chrono::steady_clock::now() < *timer_) return;
    timer_.reset();
    int running = 0;
    curl_multi_socket_action(multi_.get(), CURL_SOCKET_TIMEOUT, 0, &running);
}

void CurlLoop::collect(const Done& done) {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
        if (message->msg != CURLMSG_DONE) continue;
        CURL* easy = message->easy_handle;
        const CURLcode code = message->data.result;
        remove(easy);  // the message is gone with it
        done(easy, code);
    }
}

int CurlLoop::on_socket(CURL* /*easy*/, curl_socket_t socket, int what, void* self, void* known) {
    static_cast<CurlLoop*>(self)->watch(socket, what, known != nullptr);
    return 0;
}

void CurlLoop::watch(curl_socket_t socket, int what, bool is_known) {
    if (what == CURL_POLL_REMOVE) {
        ::epoll_ctl(epoll_, EPOLL_CTL_DEL, socket, nullptr);
        return;
    }
    epoll_event event{.events = 0, .data = {.fd = socket}};
    if ((what & CURL_POLL_IN) != 0) event.events |= EPOLLIN;
    if ((what & CURL_POLL_OUT) != 0) event.events |= EPOLLOUT;
    ::epoll_ctl(epoll_, is_known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, socket, &event);
    if (!is_known) curl_multi_assign(multi_.get(), socket, this);
}

int CurlLoop::on_timer(CURLM* /*multi*/, long milliseconds, void* self) {
    auto& timer = static_cast<CurlLoop*>(self)->timer_;
    timer.reset();
    if (milliseconds >= 0) timer = std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
    return 0;
}

}  // namespace headwater::sinks
