#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/http_message.hpp"
#include "tests/support/sockets.hpp"

namespace headwater::testing {

/// What a receiver got.
struct ReceivedRequest {
    std::string method;
    std::string target;
    HttpHeaders headers;
    std::string body;
    std::chrono::steady_clock::time_point at;

    [[nodiscard]] std::optional<std::string> header(std::string_view name) const {
        return find_header(headers, name);
    }
};

/// How a receiver answers a request.
struct Reply {
    enum class Way {
        answer,
        hang,     ///< say nothing until the receiver stops
        reset,    ///< break the connection
        endless,  ///< headers, then a body without end
        trickle,  ///< headers, then a byte at a time, for ever
    };
    int status = 200;
    HttpHeaders headers{};
    std::string body{};
    std::chrono::milliseconds delay{0};
    Way way = Way::answer;
};

/// A webhook's receiver on 127.0.0.1: records requests and answers as it is told. A thread per connection.
/// Thread-safe.
class HttpReceiver {
  public:
    using Answerer = std::function<Reply(const ReceivedRequest&)>;

    /// Listens at once and answers 200.
    HttpReceiver();
    ~HttpReceiver();
    HttpReceiver(const HttpReceiver&) = delete;
    HttpReceiver& operator=(const HttpReceiver&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] std::string url(const std::string& path = "/") const;

    void answer_with(Reply reply);
    /// Called on the connections' threads, one at a time.
    void answer_with(Answerer answerer);

    [[nodiscard]] std::vector<ReceivedRequest> requests() const;
    [[nodiscard]] std::size_t connections_accepted() const;
    void forget_requests();
    /// False when fewer have come within the patience.
    [[nodiscard]] bool wait_for(std::size_t requests,
                                std::chrono::milliseconds patience = std::chrono::seconds(10)) const;

    /// Ends every connection and refuses new ones.
    void stop();
    /// Listens again, on the same port.
    void start();

  private:
    struct Connection;
    void accept_all(int listener, const std::stop_token& stop);
    void serve(Connection& connection, const std::stop_token& stop);
    [[nodiscard]] bool answer(Connection& connection, const ReceivedRequest& request,
                              const std::stop_token& stop);
    [[nodiscard]] bool send_reply(Connection& connection, const Reply& reply, const std::stop_token& stop);
    /// True when the time has passed without a stop.
    [[nodiscard]] bool pause(std::chrono::milliseconds time, const std::stop_token& stop);

    std::uint16_t port_;
    mutable std::mutex mutex_;
    mutable std::condition_variable_any changed_;
    Answerer answerer_;                      // guarded by mutex_
    std::vector<ReceivedRequest> requests_;  // guarded by mutex_
    std::size_t accepted_ = 0;               // guarded by mutex_
    std::list<Connection> connections_;      // guarded by mutex_
    FileDescriptor listener_;
    std::jthread acceptor_;
};

}  // namespace headwater::testing
