// A webhook receiver that costs next to nothing: one thread answers every POST with 204 and notes how old the
// event was. Usage: headwater_bench_receiver PORTS; prints so many port numbers in one line, one per
// destination. On each port GET /count and
// GET /stats tell what came since the last DELETE /stats, and PUT /hang makes it
// leave POSTs unanswered until DELETE /hang.

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace {

using Clock = std::chrono::system_clock;

[[noreturn]] void fail(const char* what) {
    throw std::system_error(errno, std::generic_category(), what);
}

int digits(std::string_view text, std::size_t at, std::size_t count) {
    int value = 0;
    std::from_chars(text.data() + at, text.data() + at + count, value);
    return value;
}

/// Microseconds since the event's `created_at` ("2018-02-01T11:12:01.000000Z"); negative without one.
std::int64_t age_of(std::string_view event) {
    constexpr std::string_view kMember = R"("created_at":")";
    const auto found = event.rfind(kMember);
    if (found == event.npos || event.size() < found + kMember.size() + 27) return -1;
    const std::string_view text = event.substr(found + kMember.size(), 27);
    using namespace std::chrono;
    const sys_days day = year(digits(text, 0, 4)) / digits(text, 5, 2) / digits(text, 8, 2);
    const auto created = day + hours(digits(text, 11, 2)) + minutes(digits(text, 14, 2)) +
                         seconds(digits(text, 17, 2)) + microseconds(digits(text, 20, 6));
    return duration_cast<microseconds>(Clock::now() - created).count();
}

/// What came to one port.
struct Destination {
    int listener = -1;
    bool hangs = false;
    std::vector<std::int64_t> ages;

    /// {"count", "p50", "p99", "max"} in microseconds.
    [[nodiscard]] std::string stats() {
        std::ranges::sort(ages);
        const auto at = [&](double part) {
            return ages.empty() ? 0
                                : ages[static_cast<std::size_t>(part * static_cast<double>(ages.size() - 1))];
        };
        return fmt::format(R"({{"count":{},"p50":{},"p99":{},"max":{}}})", ages.size(), at(0.5), at(0.99),
                           at(1));
    }
};

struct Connection {
    Destination* to = nullptr;
    std::string input;
};

/// Listens on the loopback and serves until it is killed.
class Receiver {
  public:
    explicit Receiver(int ports) : destinations_(static_cast<std::size_t>(ports)) {
        for (Destination& destination : destinations_) {
            destination.listener = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
            sockaddr_in address{
                .sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
            if (::bind(destination.listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
                fail("bind");
            if (::listen(destination.listener, 1024) != 0) fail("listen");
            socklen_t length = sizeof address;
            ::getsockname(destination.listener, reinterpret_cast<sockaddr*>(&address), &length);
            fmt::print("{} ", ntohs(address.sin_port));
            watch(destination.listener);
            listeners_[destination.listener] = &destination;
        }
        fmt::print("\n");
        std::fflush(stdout);
    }

    [[noreturn]] void run() {
        std::array<epoll_event, 256> events;
        while (true) {
            const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
            for (int i = 0; i < count; ++i) {
                const int fd = events[static_cast<std::size_t>(i)].data.fd;
                if (const auto listener = listeners_.find(fd); listener != listeners_.end()) {
                    accept(*listener->second);
                } else {
                    read(fd);
                }
            }
        }
    }

  private:
    void watch(int fd) const {
        epoll_event event{.events = EPOLLIN, .data = {.fd = fd}};
        if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) fail("epoll_ctl");
    }

    void accept(Destination& to) {
        const int fd = ::accept4(to.listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) return;
        const int on = 1;
        ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (connections_.size() <= static_cast<std::size_t>(fd))
            connections_.resize(static_cast<std::size_t>(fd) + 1);
        connections_[static_cast<std::size_t>(fd)] = {&to, {}};
        watch(fd);
    }

    void read(int fd) {
        Connection& connection = connections_[static_cast<std::size_t>(fd)];
        std::array<char, 65536> buffer;
        const ssize_t size = ::recv(fd, buffer.data(), buffer.size(), 0);
        if (size <= 0) {
            ::close(fd);
            return;
        }
        connection.input.append(buffer.data(), static_cast<std::size_t>(size));
        std::string answers;
        while (take_request(connection, answers)) {
        }
        if (!answers.empty()) (void)::send(fd, answers.data(), answers.size(), MSG_NOSIGNAL);
    }

    /// False when there is no whole request.
    static bool take_request(Connection& connection, std::string& answers) {
        const std::string_view input = connection.input;
        const auto end = input.find("\r\n\r\n");
        if (end == input.npos) return false;
        const std::size_t size = end + 4 + content_length(input.substr(0, end));
        if (input.size() < size) return false;
        answers += answer(*connection.to, input.substr(0, size), input.substr(end + 4, size - end - 4));
        connection.input.erase(0, size);
        return true;
    }

    static std::size_t content_length(std::string_view head) {
        constexpr std::string_view kName = "\r\nContent-Length: ";
        const auto found = head.find(kName);
        std::size_t length = 0;
        if (found != head.npos)
            std::from_chars(head.data() + found + kName.size(), head.data() + head.size(), length);
        return length;
    }

    static std::string answer(Destination& to, std::string_view request, std::string_view body) {
        constexpr std::string_view kDone = "HTTP/1.1 204 No Content\r\n\r\n";
        if (request.starts_with("POST")) {
            if (const auto age = age_of(body); age >= 0) to.ages.push_back(age);
            return to.hangs ? "" : std::string(kDone);
        }
        if (request.starts_with("GET")) {
            const std::string stats =
                request.starts_with("GET /count") ? fmt::format("{}", to.ages.size()) : to.stats();
            return fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}", stats.size(), stats);
        }
        if (request.starts_with("DELETE /stats")) to.ages.clear();
        if (request.starts_with("PUT /hang")) to.hangs = true;
        if (request.starts_with("DELETE /hang")) to.hangs = false;
        return std::string(kDone);
    }

    int epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    std::vector<Destination> destinations_;
    std::map<int, Destination*> listeners_;
    std::vector<Connection> connections_;  // by descriptor
};

}  // namespace

int main(int argc, char** argv) {
    Receiver(argc > 1 ? std::atoi(argv[1]) : 1).run();
}
