#pragma once

#include <chrono>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "sinks/curl/curl_loop.hpp"
#include "sinks/task_queue.hpp"
#include "sinks/webhook/socket_handle.hpp"
#include "sinks/webhook/webhook_reach.hpp"

namespace headwater::sinks {

/// Opens connections to webhooks' hosts. libcurl does it: it looks the name up and tries its addresses, each
/// of which is shown to the guard. The open socket is handed over, and curl has no part in it any more. One
/// thread.
class HttpConnector {
  public:
    using TimePoint = std::chrono::steady_clock::time_point;
    /// Why there is no connection is one sentence.
    using Outcome = std::expected<SocketHandle, std::string>;
    /// `begun`: when begin() was called for this sink.
    using Done = std::function<void(SinkKey sink, TimePoint begun, Outcome outcome)>;

    explicit HttpConnector(const AddressGuard& guard) : guard_(guard), loop_(std::nullopt) {}
    ~HttpConnector();

    /// `url` names scheme, host and port.
    void begin(const std::string& url, std::chrono::milliseconds timeout, SinkKey sink);
    /// Goes on with what can go on, without waiting. To be called when fd() is readable and at next_timer().
    void turn(const Done& done);

    [[nodiscard]] int fd() const { return loop_.fd(); }
    [[nodiscard]] std::optional<TimePoint> next_timer() const { return loop_.next_timer(); }
    /// How many are on their way.
    [[nodiscard]] std::size_t size() const { return attempts_.size(); }

  private:
    struct Attempt {
        Attempt(const AddressGuard& guard, SinkKey key) : sink(key), reach(guard) {}
        CurlEasy easy = make_curl_easy();
        SinkKey sink;
        WebhookReach reach;
        TimePoint begun = std::chrono::steady_clock::now();
    };
    void finish(CURL* easy, CURLcode code, const Done& done);

    const AddressGuard& guard_;
    CurlLoop loop_;
    std::unordered_map<CURL*, std::unique_ptr<Attempt>> attempts_;
};

}  // namespace headwater::sinks
