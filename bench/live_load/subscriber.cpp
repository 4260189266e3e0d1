#include "subscriber.hpp"

#include <sys/epoll.h>

#include <array>
#include <charconv>

namespace headwater::bench {
namespace {

constexpr std::string_view kPong{"\x8a\x80\0\0\0\0", 6};
constexpr int kSmallReceiveBuffer = 4096;

std::array<char, 256 << 10> shared_buffer;
StampReader stamps;

}  // namespace

std::string handshake(std::string_view target) {
    return "GET " + std::string(target) +
           " HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
}

Subscriber::Subscriber(Loop& loop, const SubscriberPlan& plan, std::size_t number, Received& received)
    : loop_(loop), plan_(plan), received_(received), socket_(plan.port), start_(number % plan.spread) {
    loop_.watch(socket_.fd(), EPOLLOUT, *this);
}

void Subscriber::on_ready(std::uint32_t events) {
    if (state_ == State::ended) return;
    if (state_ == State::connecting) {
        if ((events & (EPOLLERR | EPOLLHUP)) != 0) return fail("The connection was refused.");
        return begin_handshake();
    }
    do {
        read();
    } while (state_ != State::ended && socket_.has_pending());
}

void Subscriber::begin_handshake() {
    if (plan_.is_secure && !socket_.start_tls()) return fail("There is no TLS.");
    state_ = State::handshaking;
    std::string target = plan_.target;
    if (!plan_.history.empty()) target += "&since=" + std::to_string(plan_.history[start_]);
    if (!socket_.send(handshake(target))) return fail("The handshake could not be sent.");
    loop_.change(socket_.fd(), EPOLLIN, *this);
}

void Subscriber::read() {
    const long size = socket_.receive(shared_buffer.data(), shared_buffer.size());
    if (size < 0) return fail("The server ended the connection.");
    if (size == 0) return;
    received_.bytes += static_cast<std::uint64_t>(size);
    const std::string_view bytes(shared_buffer.data(), static_cast<std::size_t>(size));
    if (state_ == State::handshaking) return take_head(bytes);
    frames_.feed(bytes, [this](unsigned opcode, std::string_view payload) { take_frame(opcode, payload); });
}

void Subscriber::take_head(std::string_view bytes) {
    head_ += bytes;
    const std::size_t end = head_.find("\r\n\r\n");
    if (end == std::string::npos) return;
    if (!head_.starts_with("HTTP/1.1 101 ")) return fail("The handshake was refused: " + head_.substr(0, 40));
    state_ = State::greeted_next;
    if (!plan_.has_greeting) become_open();
    const std::string rest = head_.substr(end + 4);
    head_ = {};
    frames_.feed(rest, [this](unsigned opcode, std::string_view payload) { take_frame(opcode, payload); });
}

void Subscriber::become_open() {
    state_ = State::open;
    ++received_.open;
}

void Subscriber::take_frame(unsigned opcode, std::string_view payload) {
    if (opcode == FrameReader::kPing) {
        if (!socket_.send(kPong)) fail("A pong could not be sent.");
    } else if (opcode == FrameReader::kClose) {
        fail("The server sent a close frame: " +
             std::string(payload.substr(std::min<std::size_t>(2, payload.size()))));
    } else if (state_ == State::greeted_next) {
        become_open();
    } else if (!payload.starts_with("{\"cursor\"")) {
        take_event(payload);
    }
}

void Subscriber::take_event(std::string_view event) {
    ++received_.events;
    const std::uint64_t expected = plan_.history.empty() ? plan_.expected : plan_.history.size() - start_ - 1;
    if (++events_ == expected) ++received_.complete;
    if (plan_.reads_ids) check_order(event);
    if (plan_.reads_stamps) {
        const auto age = std::chrono::system_clock::now() - stamps.read(event);
        received_.latencies.add(std::chrono::duration_cast<std::chrono::microseconds>(age));
    }
}

void Subscriber::check_order(std::string_view event) {
    constexpr std::size_t kIdAt = 7;  // {"id":"…
    std::uint64_t id = 0;
    std::from_chars(event.data() + std::min(kIdAt, event.size()), event.data() + event.size(), id);
    const bool is_next = plan_.history.empty() ? id > last_id_
                                               : start_ + events_ < plan_.history.size() &&
                                                     id == plan_.history[start_ + events_];
    if (!is_next) ++received_.disordered;
    last_id_ = id;
}

void Subscriber::fail(std::string_view why) {
    if (state_ == State::ended) return;
    state_ = State::ended;
    ++received_.failed;
    if (received_.first_failure.empty()) received_.first_failure = why;
    loop_.change(socket_.fd(), 0, *this);
}

StalledSubscriber::StalledSubscriber(Loop& loop, const SubscriberPlan& plan)
    : loop_(loop), plan_(plan), socket_(plan.port, kSmallReceiveBuffer) {
    loop_.watch(socket_.fd(), EPOLLOUT | EPOLLONESHOT, *this);
}

void StalledSubscriber::on_ready(std::uint32_t) {
    if (plan_.is_secure && !socket_.start_tls()) return;
    (void)socket_.send(handshake(plan_.target));
}

}  // namespace headwater::bench
