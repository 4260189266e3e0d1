#include "publisher.hpp"

#include <strings.h>
#include <sys/epoll.h>

#include <array>
#include <charconv>
#include <string_view>

namespace headwater::bench {

std::string post_request(const std::string& target, const std::string& body) {
    return "POST " + target +
           " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
}

Publisher::Publisher(Loop& loop, Publishing& publishing)
    : loop_(loop), publishing_(publishing), socket_(publishing.port) {
    loop_.watch(socket_.fd(), EPOLLOUT, *this);
}

bool Publisher::try_send() {
    if (state_ != State::idle || publishing_.allowed == 0) return false;
    --publishing_.allowed;
    state_ = State::waiting;
    if (!socket_.send(publishing_.request)) fail();
    return true;
}

void Publisher::on_ready(std::uint32_t) {
    if (state_ == State::ended) return;
    if (state_ == State::connecting) {
        if (publishing_.is_secure && !socket_.start_tls()) return fail();
        state_ = State::idle;
        loop_.change(socket_.fd(), EPOLLIN, *this);
        try_send();
        return;
    }
    std::array<char, 4096> buffer;
    const long size = socket_.receive(buffer.data(), buffer.size());
    if (size < 0) return fail();
    answer_.append(buffer.data(), static_cast<std::size_t>(size));
    if (size_of_answer() == 0) return;
    const bool is_good = answer_.starts_with("HTTP/1.1 2");
    ++(is_good ? publishing_.answered : publishing_.refused);
    if (!is_good && publishing_.first_refusal.empty()) publishing_.first_refusal = answer_.substr(0, 60);
    answer_.clear();
    state_ = State::idle;
    try_send();
}

std::size_t Publisher::size_of_answer() const {
    const std::size_t end = answer_.find("\r\n\r\n");
    if (end == std::string::npos) return 0;
    constexpr std::string_view kName = "\r\ncontent-length:";
    std::size_t length = 0;
    for (std::size_t at = answer_.find("\r\n"); at < end; at = answer_.find("\r\n", at + 2)) {
        if (strncasecmp(answer_.data() + at, kName.data(), kName.size()) != 0) continue;
        std::size_t digits = at + kName.size();
        while (answer_[digits] == ' ') ++digits;
        std::from_chars(answer_.data() + digits, answer_.data() + end, length);
    }
    return answer_.size() < end + 4 + length ? 0 : end + 4 + length;
}

void Publisher::fail() {
    state_ = State::ended;
    ++publishing_.refused;
    if (publishing_.first_refusal.empty()) publishing_.first_refusal = "the connection ended";
    loop_.change(socket_.fd(), 0, *this);
}

}  // namespace headwater::bench
