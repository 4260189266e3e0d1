#include "tests/support/tcp_proxy.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <system_error>
#include <vector>

namespace headwater::testing {
namespace {

/// One direction of a link. What was read and not yet written waits here, at most one piece.
class Pump {
  public:
    /// False when the direction is over.
    [[nodiscard]] bool move(int from, int to) {
        if (waiting_.empty() && !is_finished_) {
            std::array<char, 16 * 1024> buffer{};
            const ssize_t got = ::recv(from, buffer.data(), buffer.size(), MSG_DONTWAIT);
            if (got < 0) {
                return errno == EAGAIN || errno == EINTR;
            }
            is_finished_ = got == 0;
            waiting_.assign(buffer.data(), static_cast<std::size_t>(got));
            if (is_finished_) {
                ::shutdown(to, SHUT_WR);
            }
        }
        return waiting_.empty() || write(to);
    }
    [[nodiscard]] bool is_finished() const { return is_finished_; }
    [[nodiscard]] short wants_from() const { return waiting_.empty() && !is_finished_ ? POLLIN : 0; }
    [[nodiscard]] short wants_to() const { return waiting_.empty() ? 0 : POLLOUT; }

  private:
    bool write(int to) {
        const ssize_t sent = ::send(to, waiting_.data(), waiting_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0) {
            return errno == EAGAIN || errno == EINTR;
        }
        waiting_.erase(0, static_cast<std::size_t>(sent));
        return true;
    }

    std::string waiting_;
    bool is_finished_ = false;
};

}  // namespace

struct TcpProxy::Link {
    FileDescriptor client;
    FileDescriptor server;
    Pump requests{};
    Pump answers{};

    ~Link() {
        reset_on_close(client);
        reset_on_close(server);
    }
};

TcpProxy::TcpProxy(Upstream upstream)
    : upstream_(std::move(upstream)),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      listener_(listen_on(0)) {
    port_ = port_of(listener_);
    thread_ = std::thread([this] { run(); });
}

TcpProxy::~TcpProxy() {
    {
        const std::lock_guard lock(mutex_);
        is_stopping_ = true;
    }
    wake();
    thread_.join();
}

void TcpProxy::cut() {
    set_mode(Mode::cut, true);
}
void TcpProxy::stall() {
    set_mode(Mode::stalled, false);
}
void TcpProxy::withhold_answers() {
    set_mode(Mode::withholding, false);
}
void TcpProxy::mend() {
    set_mode(Mode::passing, false);
}

void TcpProxy::drop_connections() {
    const std::lock_guard lock(mutex_);
    links_.clear();
    wake();
}

std::size_t TcpProxy::connections() const {
    const std::lock_guard lock(mutex_);
    return links_.size();
}

std::size_t TcpProxy::hung_up() const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(std::ranges::count_if(links_, [](const Link& link) {
        pollfd client{.fd = link.client.get(), .events = POLLRDHUP, .revents = 0};
        return ::poll(&client, 1, 0) == 1;
    }));
}

void TcpProxy::set_mode(Mode mode, bool drops) {
    const std::lock_guard lock(mutex_);
    mode_ = mode;
    if (drops) {
        links_.clear();
    }
    if (mode == Mode::cut) {
        ::shutdown(listener_.get(),
                   SHUT_RDWR);  // at once: a poll under way would keep it open after the close
        listener_.reset();
    } else if (!listener_.is_open()) {
        listener_ = listen_on(port_);
    }
    wake();
}

void TcpProxy::wake() const {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(wake_.get(), &one, sizeof one);
}

void TcpProxy::accept_one() {
    FileDescriptor client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!client.is_open()) {
        return;
    }
    try {
        FileDescriptor server = std::visit([](const auto& to) { return connect_to(to); }, upstream_);
        links_.emplace_back(std::move(client), std::move(server));
    } catch (const std::system_error&) {
        reset_on_close(client);  // the server is away: so it looks to the client
    }
}

bool TcpProxy::carry(Link& link) {
    if (mode_ == Mode::stalled) {
        return true;
    }
    const bool is_alive =
        link.requests.move(link.client.get(), link.server.get()) &&
        (mode_ == Mode::withholding || link.answers.move(link.server.get(), link.client.get()));
    return is_alive && !(link.requests.is_finished() && link.answers.is_finished());
}

void TcpProxy::run() {
    std::vector<pollfd> polled;
    for (;;) {
        {
            const std::lock_guard lock(mutex_);
            if (is_stopping_) {
                return;
            }
            polled.assign({{.fd = wake_.get(), .events = POLLIN, .revents = 0},
                           {.fd = listener_.get(), .events = POLLIN, .revents = 0}});
            const bool reads_answers = mode_ == Mode::passing;
            for (const Link& link : links_) {
                if (mode_ == Mode::stalled) {
                    break;
                }
                const Pump& requests = link.requests;
                const Pump& answers = link.answers;
                const short client = requests.wants_from() | (reads_answers ? answers.wants_to() : 0);
                const short server = requests.wants_to() | (reads_answers ? answers.wants_from() : 0);
                // A descriptor that nothing is wanted of would still report its end, again and again.
                polled.push_back(
                    {.fd = client != 0 ? link.client.get() : -1, .events = client, .revents = 0});
                polled.push_back(
                    {.fd = server != 0 ? link.server.get() : -1, .events = server, .revents = 0});
            }
        }
        ::poll(polled.data(), polled.size(), -1);
        const std::lock_guard lock(mutex_);
        std::uint64_t count = 0;
        [[maybe_unused]] const auto got = ::read(wake_.get(), &count, sizeof count);
        if (mode_ != Mode::cut && polled[1].revents != 0 && polled[1].fd == listener_.get()) {
            accept_one();
        }
        links_.remove_if([this](Link& link) { return !carry(link); });
    }
}

}  // namespace headwater::testing
