#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

namespace headwater {

/// What the domain reports about its work. Thread-safe, cheap, never throws. The implementation behind it is
/// rest/ops/prometheus_metrics; tests use NullMetrics.
class Metrics {
  public:
    virtual ~Metrics() = default;
    virtual void events_accepted(std::string_view type, std::uint64_t count) = 0;
    virtual void appended(std::uint64_t events, std::chrono::nanoseconds duration) = 0;
    virtual void delivered(std::string_view stream, std::string_view result, std::uint64_t count) = 0;
    virtual void stream_lag(std::string_view stream, std::int64_t events, double oldest_seconds) = 0;
    virtual void stream_removed(std::string_view stream) = 0;
    virtual void live_opened(std::string_view kind) = 0;  ///< kind: "ws" or "sse"
    virtual void live_closed(std::string_view kind, std::string_view reason) = 0;
    virtual void live_messages(std::uint64_t count) = 0;
    virtual void feed_request() = 0;
    virtual void http_request(std::string_view route, int status, std::chrono::nanoseconds duration) = 0;
    /// How far the log's clock stands before PostgreSQL's own (seconds; 0 when it follows).
    virtual void clock_ahead(double seconds) = 0;
};

class NullMetrics : public Metrics {
  public:
    void events_accepted(std::string_view, std::uint64_t) override {}
    void appended(std::uint64_t, std::chrono::nanoseconds) override {}
    void delivered(std::string_view, std::string_view, std::uint64_t) override {}
    void stream_lag(std::string_view, std::int64_t, double) override {}
    void stream_removed(std::string_view) override {}
    void live_opened(std::string_view) override {}
    void live_closed(std::string_view, std::string_view) override {}
    void live_messages(std::uint64_t) override {}
    void feed_request() override {}
    void http_request(std::string_view, int, std::chrono::nanoseconds) override {}
    void clock_ahead(double) override {}
};

}  // namespace headwater
