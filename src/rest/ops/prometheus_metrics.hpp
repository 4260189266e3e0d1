#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "core/metric_figures.hpp"
#include "core/metrics.hpp"
#include "core/monitor_metrics.hpp"

namespace headwater::rest {

/// The metrics of /metrics, counted with prometheus-cpp. Thread-safe; a known label costs a shared lock and a
/// hash. At most kMaxLabels values of `type` and of `stream` are told apart, the rest counts as `other`.
class PrometheusMetrics final : public Metrics, public MonitorMetrics {
  public:
    static constexpr std::size_t kMaxLabels = 1000;

    PrometheusMetrics();
    ~PrometheusMetrics() override;

    void events_accepted(std::string_view type, std::uint64_t count) override;
    void appended(std::uint64_t events, std::chrono::nanoseconds duration) override;
    void delivered(std::string_view stream, std::string_view result, std::uint64_t count) override;
    void stream_lag(std::string_view stream, std::int64_t events, double oldest_seconds) override;
    void stream_removed(std::string_view stream) override;
    void live_opened(std::string_view kind) override;
    void live_closed(std::string_view kind, std::string_view reason) override;
    void live_messages(std::uint64_t count) override;
    void feed_request() override;
    void http_request(std::string_view route, int status, std::chrono::nanoseconds duration) override;
    void check_in(std::string_view result) override;
    void monitor_died(double seconds_late) override;
    void clock_ahead(double seconds) override;

    /// Where the counters that a dashboard draws stand now. Looks at every label: for one thread every few
    /// seconds.
    [[nodiscard]] MetricFigures figures() const;
    /// Every stream that has lost events, with how many; those that are not among them any more are left out
    /// from now on.
    void stream_losses(const std::map<std::string, std::int64_t>& losses);

    /// Everything in Prometheus' text format, this process's own figures included.
    [[nodiscard]] std::string to_text() const;

  private:
    struct Families;
    std::unique_ptr<Families> families_;
};

}  // namespace headwater::rest
