#include "tests/support/http_receiver.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

namespace headwater::testing {
namespace {

constexpr auto kIdle = std::chrono::minutes(10);
constexpr auto kTrickle = std::chrono::milliseconds(50);

ReceivedRequest to_request(const HttpHead& head, std::string body) {
    const auto first = head.first_line.find(' ');
    const auto last = head.first_line.rfind(' ');
    return {.method = head.first_line.substr(0, first),
            .target = head.first_line.substr(first + 1, last - first - 1),
            .headers = head.headers,
            .body = std::move(body),
            .at = std::chrono::steady_clock::now()};
}

std::string head_of(const Reply& reply) {
    std::string text = fmt::format("HTTP/1.1 {} Told\r\n", reply.status);
    if (reply.way == Reply::Way::answer && reply.status != 204) {
        text += fmt::format("Content-Length: {}\r\n", reply.body.size());
    }
    for (const auto& [name, value] : reply.headers) {
        text += fmt::format("{}: {}\r\n", name, value);
    }
    return text + "\r\n";
}

}  // namespace

struct HttpReceiver::Connection {
    FileDescriptor socket;
    std::jthread thread{};  ///< last, so that it is joined before the socket closes
};

HttpReceiver::HttpReceiver() : port_(0), answerer_([](const ReceivedRequest&) { return Reply{}; }) {
    start();
}

HttpReceiver::~HttpReceiver() {
    stop();
}

std::string HttpReceiver::url(const std::string& path) const {
    return fmt::format("http://127.0.0.1:{}{}", port_, path);
}

void HttpReceiver::answer_with(Reply reply) {
    answer_with([reply = std::move(reply)](const ReceivedRequest&) { return reply; });
}

void HttpReceiver::answer_with(Answerer answerer) {
    const std::lock_guard lock(mutex_);
    answerer_ = std::move(answerer);
}

std::vector<ReceivedRequest> HttpReceiver::requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
}

std::size_t HttpReceiver::connections_accepted() const {
    const std::lock_guard lock(mutex_);
    return accepted_;
}

void HttpReceiver::forget_requests() {
    const std::lock_guard lock(mutex_);
    requests_.clear();
}

bool HttpReceiver::wait_for(std::size_t requests, std::chrono::milliseconds patience) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [&] { return requests_.size() >= requests; });
}

void HttpReceiver::start() {
    listener_ = listen_on(port_);
    port_ = port_of(listener_);
    acceptor_ = std::jthread([this](const std::stop_token& stop) { accept_all(listener_.get(), stop); });
}

void HttpReceiver::stop() {
    acceptor_.request_stop();
    ::shutdown(listener_.get(), SHUT_RDWR);
    if (acceptor_.joinable()) {
        acceptor_.join();
    }
    listener_.reset();
    std::list<Connection> ending;
    {
        const std::lock_guard lock(mutex_);
        ending.swap(connections_);
        for (Connection& connection : ending) {
            connection.thread.request_stop();
            ::shutdown(connection.socket.get(), SHUT_RDWR);
        }
    }
}

void HttpReceiver::accept_all(int listener, const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        FileDescriptor socket(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC));
        const std::lock_guard lock(mutex_);
        if (!socket.is_open() || stop.stop_requested()) {
            continue;
        }
        ++accepted_;
        Connection& connection = connections_.emplace_back(std::move(socket));
        connection.thread =
            std::jthread([this, &connection](const std::stop_token& ending) { serve(connection, ending); });
    }
}

void HttpReceiver::serve(Connection& connection, const std::stop_token& stop) {
    HttpReader reader(connection.socket.get(), kIdle);
    bool goes_on = true;
    while (goes_on) {
        const auto head = reader.read_head();
        auto body = head ? reader.read_body(head->headers, HttpReader::Unframed::empty) : std::nullopt;
        goes_on = body && answer(connection, to_request(*head, std::move(*body)), stop);
    }
    const std::lock_guard lock(mutex_);
    ::shutdown(connection.socket.get(), SHUT_RDWR);
}

bool HttpReceiver::answer(Connection& connection, const ReceivedRequest& request,
                          const std::stop_token& stop) {
    Reply reply;
    {
        const std::lock_guard lock(mutex_);
        requests_.push_back(request);
        reply = answerer_(request);
    }
    changed_.notify_all();
    return pause(reply.delay, stop) && send_reply(connection, reply, stop);
}

bool HttpReceiver::send_reply(Connection& connection, const Reply& reply, const std::stop_token& stop) {
    switch (reply.way) {
        case Reply::Way::answer:
            return send_all(connection.socket, head_of(reply) + reply.body);
        case Reply::Way::hang:
            return pause(kIdle, stop);
        case Reply::Way::reset: {
            const std::lock_guard lock(mutex_);
            reset_on_close(connection.socket);
            connection.socket.reset();
            return false;
        }
        case Reply::Way::endless:
        case Reply::Way::trickle: {
            const bool trickles = reply.way == Reply::Way::trickle;
            const std::string piece(trickles ? 1 : 64 * 1024, 'x');
            bool goes_on = send_all(connection.socket, head_of(reply));
            while (goes_on && !stop.stop_requested()) {
                goes_on = send_all(connection.socket, piece) && (!trickles || pause(kTrickle, stop));
            }
            return false;
        }
    }
    return false;
}

bool HttpReceiver::pause(std::chrono::milliseconds time, const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    return time.count() == 0 ||
           (!changed_.wait_for(lock, stop, time, [] { return false; }) && !stop.stop_requested());
}

}  // namespace headwater::testing
