#include "sinks/webhook/http_connection.hpp"

#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>

#include "core/cloud_event.hpp"
#include "sinks/webhook/webhook_answer.hpp"

namespace headwater::sinks {
namespace {

bool may_come_later() {
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

iovec piece_of(std::string_view bytes, std::size_t from) {
    bytes.remove_prefix(std::min(from, bytes.size()));
    return {const_cast<char*>(bytes.data()), bytes.size()};  // only read
}

}  // namespace

HttpConnection::Progress HttpConnection::begin(HttpExchange exchange, Timestamp signed_at) {
    exchange_ = std::move(exchange);
    if (exchange_->task.target->wants_cloud_events())
        exchange_->cloud_event = to_cloud_event(*exchange_->task.delivery.event);
    answer_.restart();
    sent_ = 0;
    write_head(signed_at);
    return send();
}

void HttpConnection::write_head(Timestamp signed_at) {
    const WebhookTarget& target = *exchange_->task.target;
    head_ = target.request_start;
    const auto add = [this](std::string_view name, std::string_view value) {
        head_.append("\r\n").append(name).append(": ").append(value);
    };
    add("Content-Length", std::to_string(exchange_->body().size()));
    for_each_header(target, exchange_->task.delivery, exchange_->body(), signed_at, add);
    head_.append("\r\n\r\n");
}

HttpConnection::Progress HttpConnection::send() {
    while (sent_ < size()) {
        std::array<iovec, 2> pieces{
            {piece_of(head_, sent_), piece_of(exchange_->body(), sent_ - std::min(sent_, head_.size()))}};
        msghdr message{};
        message.msg_iov = pieces.data();
        message.msg_iovlen = pieces.size();
        const ssize_t sent = ::sendmsg(fd(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && may_come_later()) return Progress::sending;
        if (sent < 0) {
            is_broken_ = true;
            return Progress::lost;
        }
        sent_ += static_cast<std::size_t>(sent);
    }
    return Progress::waiting;
}

HttpConnection::Progress HttpConnection::receive(std::span<char> buffer) {
    const ssize_t size = ::recv(fd(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (size < 0 && may_come_later()) return Progress::waiting;
    is_broken_ = size < 0;
    if (size < 0) return Progress::lost;
    const auto state =
        size == 0 ? answer_.end() : answer_.take({buffer.data(), static_cast<std::size_t>(size)});
    switch (state) {
        case HttpAnswer::State::head:
        case HttpAnswer::State::body:
            return Progress::waiting;
        case HttpAnswer::State::done:
        case HttpAnswer::State::cut_off:
            return Progress::answered;
        case HttpAnswer::State::broken:
            return size == 0 ? Progress::lost : Progress::answered;
    }
    return Progress::lost;
}

HttpExchange HttpConnection::take_exchange() {
    ++answers_;
    HttpExchange exchange = std::move(*exchange_);
    exchange_.reset();
    return exchange;
}

DeliveryResult HttpConnection::result(TimePoint now) {
    DeliveryResult result;
    const bool is_whole =
        answer_.state() == HttpAnswer::State::done || answer_.state() == HttpAnswer::State::cut_off;
    if (is_whole) {
        const auto& wish = answer_.retry_after();
        result = judge(answer_.status(), wish ? parse_retry_after(*wish) : std::nullopt);
    } else if (answer_.state() == HttpAnswer::State::broken && !answer_.is_untouched()) {
        result = failure("The webhook's answer is not HTTP, or cut short.");
    } else {
        result = failure(is_broken_ || !answer_.is_untouched() ? kConnectionLost : kNoAnswer);
    }
    result.status = answer_.status();
    result.response = answer_.body();
    result.duration = std::chrono::duration_cast<std::chrono::microseconds>(now - exchange_->begun);
    return result;
}

}  // namespace headwater::sinks
