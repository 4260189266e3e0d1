#include "sinks/curl/curl_loop.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <new>

namespace headwater::sinks {
namespace {

constexpr long kIdleConnectionsKept = 1000;

}  // namespace

std::size_t max_connections() {
    constexpr rlim_t kMost = 4000;
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return kMost;
    return std::clamp<rlim_t>(limit.rlim_cur / 4, 16, kMost);
}

CurlLoop::CurlLoop(std::optional<int> wake_fd) : wake_fd_(wake_fd), multi_(curl_multi_init()) {
    if (!multi_) throw std::bad_alloc();
    if (wake_fd_) poller_.add(*wake_fd_, EPOLLIN, {.fd = *wake_fd_});
    curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETFUNCTION, &on_socket);
    curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETDATA, static_cast<void*>(this));
    curl_multi_setopt(multi_.get(), CURLMOPT_TIMERFUNCTION, &on_timer);
    curl_multi_setopt(multi_.get(), CURLMOPT_TIMERDATA, static_cast<void*>(this));
    curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, kIdleConnectionsKept);
    // Beyond, transfers wait for one that ends.
    curl_multi_setopt(multi_.get(), CURLMOPT_MAX_TOTAL_CONNECTIONS, static_cast<long>(max_connections()));
}

void CurlLoop::add(CURL* easy) {
    curl_multi_add_handle(multi_.get(), easy);
}

void CurlLoop::remove(CURL* easy) {
    curl_multi_remove_handle(multi_.get(), easy);
}

void CurlLoop::turn(std::optional<TimePoint> deadline, const Done& done) {
    if (timer_ && (!deadline || *timer_ < *deadline)) deadline = timer_;
    int running = 0;
    for (const epoll_event& event : poller_.wait(deadline)) {
        if (wake_fd_ && event.data.fd == *wake_fd_) continue;
        int action = 0;
        if ((event.events & EPOLLIN) != 0) action |= CURL_CSELECT_IN;
        if ((event.events & EPOLLOUT) != 0) action |= CURL_CSELECT_OUT;
        if ((event.events & (EPOLLERR | EPOLLHUP)) != 0) action |= CURL_CSELECT_ERR;
        curl_multi_socket_action(multi_.get(), event.data.fd, action, &running);
    }
    act_on_timer();
    collect(done);
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
        done(easy, code);  // removes the handle, and the message is gone with it
    }
}

int CurlLoop::on_socket(CURL* /*easy*/, curl_socket_t socket, int what, void* self, void* known) {
    static_cast<CurlLoop*>(self)->watch(socket, what, known != nullptr);
    return 0;
}

void CurlLoop::watch(curl_socket_t socket, int what, bool is_known) {
    if (what == CURL_POLL_REMOVE) return poller_.remove(socket);
    std::uint32_t events = 0;
    if ((what & CURL_POLL_IN) != 0) events |= EPOLLIN;
    if ((what & CURL_POLL_OUT) != 0) events |= EPOLLOUT;
    if (is_known) return poller_.change(socket, events, {.fd = socket});
    poller_.add(socket, events, {.fd = socket});
    curl_multi_assign(multi_.get(), socket, this);
}

int CurlLoop::on_timer(CURLM* /*multi*/, long milliseconds, void* self) {
    auto& timer = static_cast<CurlLoop*>(self)->timer_;
    timer.reset();
    if (milliseconds >= 0) timer = std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
    return 0;
}

}  // namespace headwater::sinks
