#include "rest/ops/prometheus_metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <array>
#include <charconv>
#include <mutex>
#include <utility>

#include "rest/ops/labelled.hpp"
#include "rest/ops/metric_reading.hpp"
#include "rest/ops/process_figures.hpp"

namespace headwater::rest {
namespace {

using prometheus::Counter;
using prometheus::Gauge;
using prometheus::Histogram;

const Histogram::BucketBoundaries kSeconds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                           0.1,    0.25,  0.5,    1,     2.5,  5,     10};
const Histogram::BucketBoundaries kEvents{1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000};
/// Pairs of labels (stream and result, route and status) are few for each value of the first.
constexpr std::size_t kMaxPairs = 10 * PrometheusMetrics::kMaxLabels;

double seconds(std::chrono::nanoseconds duration) {
    return std::chrono::duration<double>(duration).count();
}

prometheus::Family<Counter>& counters(prometheus::Registry& registry, const char* name, const char* help) {
    return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}
prometheus::Family<Gauge>& gauges(prometheus::Registry& registry, const char* name, const char* help) {
    return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}
prometheus::Family<Histogram>& histograms(prometheus::Registry& registry, const char* name,
                                          const char* help) {
    return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
}

/// Counters by two labels, found again by the two values in a row.
class PairCounters {
  public:
    PairCounters(prometheus::Family<Counter>& family, std::string first, std::string second)
        : family_(family), first_(std::move(first)), second_(std::move(second)) {}

    Counter& get(std::string_view first, std::string_view second) {
        std::string key(first);
        key += '\n';
        key += second;
        {
            const std::shared_lock lock(mutex_);
            if (const auto known = counters_.find(key); known != counters_.end()) return *known->second;
        }
        const std::lock_guard lock(mutex_);
        const bool is_full = counters_.size() >= kMaxPairs;
        Counter& counter =
            family_.Add({{first_, is_full ? "other" : std::string(first)}, {second_, std::string(second)}});
        if (!is_full) counters_.emplace(std::move(key), &counter);
        return counter;
    }

    void remove(std::string_view first) {
        const std::lock_guard lock(mutex_);
        std::erase_if(counters_, [&](const auto& entry) {
            if (!entry.first.starts_with(std::string(first) + '\n')) return false;
            family_.Remove(entry.second);
            return true;
        });
    }

  private:
    prometheus::Family<Counter>& family_;
    const std::string first_;
    const std::string second_;
    std::shared_mutex mutex_;
    std::unordered_map<std::string, Counter*> counters_;  // guarded by mutex_
};

}  // namespace

struct PrometheusMetrics::Families {
    prometheus::Registry registry;
    Labelled<Counter> accepted{counters(registry, "headwater_events_accepted_total",
                                        "Events stored, or taken as ephemeral, by type."),
                               "type", kMaxLabels};
    Histogram& append_seconds =
        histograms(registry, "headwater_append_seconds", "Time of one group commit, in seconds.")
            .Add({}, kSeconds);
    Histogram& append_events =
        histograms(registry, "headwater_append_batch_events", "Events in one group commit.").Add({}, kEvents);
    Gauge& clock_ahead =
        gauges(registry, "headwater_log_clock_ahead_seconds",
               "How far the log's clock stands before PostgreSQL's; it stands still meanwhile.")
            .Add({});
    PairCounters deliveries{
        counters(registry, "headwater_deliveries_total", "Attempts to deliver, by stream and result."),
        "stream", "result"};
    Labelled<Gauge> lag{
        gauges(registry, "headwater_stream_lag_events", "Events that a stream has still to deliver."),
        "stream", kMaxLabels};
    Labelled<Gauge> oldest{gauges(registry, "headwater_stream_oldest_seconds",
                                  "Age of the oldest event that a stream has still to deliver, in seconds."),
                           "stream", kMaxLabels};
    Labelled<Gauge> expired{gauges(registry, "headwater_stream_expired_events",
                                   "Events that expired before the stream had delivered them, since it was "
                                   "made; on all nodes the same."),
                            "stream", kMaxLabels};
    std::mutex losses_mutex;
    std::map<std::string, std::int64_t> losses;  // guarded by losses_mutex
    Labelled<Gauge> live{gauges(registry, "headwater_live_connections", "Open live connections, by kind."),
                         "kind", 10};
    Labelled<Counter> live_closed{
        counters(registry, "headwater_live_closed_total", "Live connections closed, by reason."), "reason",
        100};
    Counter& live_messages =
        counters(registry, "headwater_live_messages_total", "Messages sent to live subscribers.").Add({});
    Counter& feed_requests =
        counters(registry, "headwater_feed_requests_total", "Feed pages asked for.").Add({});
    PairCounters http{
        counters(registry, "headwater_http_requests_total", "Requests answered, by route and status."),
        "route", "status"};
    Labelled<Counter> check_ins{
        counters(registry, "headwater_check_ins_total", "Check-ins of monitors, by result."), "result", 10};
    Histogram& monitor_delay =
        histograms(registry, "headwater_monitor_delay_seconds",
                   "Time from the moment a monitor was due to its turning Dead, in seconds.")
            .Add({}, kSeconds);
    Histogram& http_seconds = histograms(registry, "headwater_http_request_seconds",
                                         "Time from a request's end to its answer, in seconds.")
                                  .Add({}, kSeconds);
};

PrometheusMetrics::PrometheusMetrics() : families_(std::make_unique<Families>()) {}
PrometheusMetrics::~PrometheusMetrics() = default;

void PrometheusMetrics::events_accepted(std::string_view type, std::uint64_t count) {
    families_->accepted.get(type).Increment(static_cast<double>(count));
}

void PrometheusMetrics::appended(std::uint64_t events, std::chrono::nanoseconds duration) {
    families_->append_seconds.Observe(seconds(duration));
    families_->append_events.Observe(static_cast<double>(events));
}

void PrometheusMetrics::delivered(std::string_view stream, std::string_view result, std::uint64_t count) {
    families_->deliveries.get(stream, result).Increment(static_cast<double>(count));
}

void PrometheusMetrics::stream_lag(std::string_view stream, std::int64_t events, double oldest_seconds) {
    families_->lag.get(stream).Set(static_cast<double>(events));
    families_->oldest.get(stream).Set(oldest_seconds);
}

void PrometheusMetrics::stream_removed(std::string_view stream) {
    families_->lag.remove(stream);
    families_->oldest.remove(stream);
    families_->deliveries.remove(stream);
}

void PrometheusMetrics::stream_losses(const std::map<std::string, std::int64_t>& losses) {
    const std::lock_guard lock(families_->losses_mutex);
    for (const auto& [stream, events] : losses)
        families_->expired.get(stream).Set(static_cast<double>(events));
    for (const auto& [stream, events] : families_->losses) {
        if (!losses.contains(stream)) families_->expired.remove(stream);
    }
    families_->losses = losses;
}

void PrometheusMetrics::live_opened(std::string_view kind) {
    families_->live.get(kind).Increment();
}

void PrometheusMetrics::live_closed(std::string_view kind, std::string_view reason) {
    families_->live.get(kind).Decrement();
    families_->live_closed.get(reason).Increment();
}

void PrometheusMetrics::live_messages(std::uint64_t count) {
    families_->live_messages.Increment(static_cast<double>(count));
}

void PrometheusMetrics::feed_request() {
    families_->feed_requests.Increment();
}

void PrometheusMetrics::http_request(std::string_view route, int status, std::chrono::nanoseconds duration) {
    std::array<char, 12> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), status).ptr;
    families_->http.get(route, {digits.data(), static_cast<std::size_t>(end - digits.data())}).Increment();
    families_->http_seconds.Observe(seconds(duration));
}

void PrometheusMetrics::clock_ahead(double ahead) {
    families_->clock_ahead.Set(ahead);
}

void PrometheusMetrics::check_in(std::string_view result) {
    families_->check_ins.get(result).Increment();
}

void PrometheusMetrics::monitor_died(double seconds_late) {
    families_->monitor_delay.Observe(seconds_late);
}

MetricFigures PrometheusMetrics::figures() const {
    return figures_of(families_->registry.Collect());
}

std::string PrometheusMetrics::to_text() const {
    return prometheus::TextSerializer().Serialize(families_->registry.Collect()) + process_figures();
}

}  // namespace headwater::rest
