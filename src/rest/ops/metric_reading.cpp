#include "rest/ops/metric_reading.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

namespace headwater::rest {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;

std::string label_of(const ClientMetric& metric, std::string_view name) {
    const auto found = std::ranges::find(metric.label, name, &ClientMetric::Label::name);
    return found == metric.label.end() ? std::string() : found->value;
}

/// Counters, summed by the value of one label.
std::map<std::string, double> counts_by(const MetricFamily& family, std::string_view label) {
    std::map<std::string, double> counts;
    for (const ClientMetric& metric : family.metric) counts[label_of(metric, label)] += metric.counter.value;
    return counts;
}

/// Prometheus counts everything up to a bound; the figures count between two.
MetricFigures::Histogram histogram_of(const MetricFamily& family) {
    MetricFigures::Histogram histogram;
    if (family.metric.empty()) return histogram;
    std::uint64_t below = 0;
    for (const auto& bucket : family.metric.front().histogram.bucket) {
        if (std::isfinite(bucket.upper_bound)) histogram.bounds.push_back(bucket.upper_bound);
        histogram.counts.push_back(bucket.cumulative_count - below);
        below = bucket.cumulative_count;
    }
    return histogram;
}

double sum_of_gauges(const MetricFamily& family) {
    double sum = 0;
    for (const ClientMetric& metric : family.metric) sum += metric.gauge.value;
    return sum;
}

double greatest_gauge(const MetricFamily& family) {
    double most = 0;
    for (const ClientMetric& metric : family.metric) most = std::max(most, metric.gauge.value);
    return most;
}

}  // namespace

MetricFigures figures_of(const std::vector<MetricFamily>& families) {
    MetricFigures figures;
    for (const MetricFamily& family : families) {
        const std::string_view name = family.name;
        if (name == "headwater_events_accepted_total") figures.accepted = counts_by(family, "type");
        if (name == "headwater_deliveries_total") figures.deliveries = counts_by(family, "result");
        if (name == "headwater_append_seconds") figures.append_seconds = histogram_of(family);
        if (name == "headwater_stream_lag_events") figures.lag_events = sum_of_gauges(family);
        if (name == "headwater_stream_oldest_seconds") figures.oldest_seconds = greatest_gauge(family);
        if (name == "headwater_live_connections") figures.live_connections = sum_of_gauges(family);
        if (name == "headwater_live_messages_total" && !family.metric.empty()) {
            figures.live_messages = family.metric.front().counter.value;
        }
    }
    return figures;
}

}  // namespace headwater::rest
