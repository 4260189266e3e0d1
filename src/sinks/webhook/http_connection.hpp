#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "sinks/webhook/http_answer.hpp"
#include "sinks/webhook/socket_handle.hpp"
#include "sinks/webhook/webhook_target.hpp"

namespace headwater::sinks {

/// One event that is to be posted, or is under way.
struct HttpExchange {
    WebhookTask task;
    std::chrono::steady_clock::time_point begun{};  ///< when its connection, or its request, was
    std::string cloud_event{};                      ///< the body, when the stream asks for that format
    int repeats = 0;                                ///< over kept connections that turned out to be dead

    [[nodiscard]] std::string_view body() const {
        return task.target->wants_cloud_events() ? cloud_event : task.delivery.event->json;
    }
};

/// An open connection to a webhook's host, over which one request at a time is made (RFC 9112). Owned by
/// HttpClient; one thread.
class HttpConnection {
  public:
    using TimePoint = std::chrono::steady_clock::time_point;
    enum class Progress {
        sending,   ///< the request does not fit into the socket yet
        waiting,   ///< for the answer, or its rest
        answered,  ///< as far as the answer is of use
        lost,      ///< the connection is of no more use, and there is no answer
    };

    HttpConnection(SocketHandle socket, std::string origin)
        : socket_(std::move(socket)), origin_(std::move(origin)) {}

    /// Posts an event; the connection must be idle.
    Progress begin(HttpExchange exchange, Timestamp signed_at);
    /// Goes on sending.
    Progress send();
    /// Reads what has come; `buffer` is scratch.
    Progress receive(std::span<char> buffer);
    /// The exchange is over, one way or the other, and the connection idle.
    HttpExchange take_exchange();

    /// How the exchange has ended.
    [[nodiscard]] DeliveryResult result(TimePoint now);
    /// True when nothing of the answer has come over a connection that had served before: its peer had closed
    /// it, and the request may be made again.
    [[nodiscard]] bool was_dead() const { return answers_ > 0 && answer_.is_untouched(); }
    /// True when another request may follow.
    [[nodiscard]] bool is_kept() const { return sent_ == size() && answer_.keeps_connection(); }

    [[nodiscard]] bool is_busy() const { return exchange_.has_value(); }
    [[nodiscard]] SinkKey sink() const { return exchange_->task.sink; }
    [[nodiscard]] TimePoint deadline() const { return exchange_->begun + exchange_->task.target->to.timeout; }
    [[nodiscard]] const std::string& origin() const { return origin_; }
    [[nodiscard]] int fd() const { return socket_.get(); }
    void close() { socket_.close(); }
    [[nodiscard]] bool is_closed() const { return socket_.get() < 0; }

    TimePoint idle_since{};       ///< kept by the pool of idle connections
    bool is_watched_out = false;  ///< kept by the client: it waits for room in the socket

  private:
    [[nodiscard]] std::size_t size() const { return head_.size() + exchange_->body().size(); }
    void write_head(Timestamp signed_at);

    SocketHandle socket_;
    std::string origin_;
    std::optional<HttpExchange> exchange_;
    std::string head_;
    std::size_t sent_ = 0;  // of head and body
    HttpAnswer answer_;
    std::uint64_t answers_ = 0;
    bool is_broken_ = false;  // by an error, not by an orderly end
};

}  // namespace headwater::sinks
