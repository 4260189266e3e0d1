#include "core/stats_history.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace headwater {
namespace {

using Totals = std::map<std::string, double>;

/// A total that went down belongs to something that was removed and is counted anew.
double growth(double before, double now) {
    return now >= before ? now - before : now;
}

Totals rates(const Totals& before, const Totals& now, double seconds) {
    Totals rates;
    for (const auto& [name, total] : now) {
        const auto known = before.find(name);
        const double grown = growth(known == before.end() ? 0 : known->second, total);
        if (grown > 0) rates[name] = grown / seconds;
    }
    return rates;
}

MetricFigures::Histogram difference(const MetricFigures::Histogram& before,
                                    const MetricFigures::Histogram& now) {
    MetricFigures::Histogram step = now;
    for (std::size_t i = 0; i < std::min(before.counts.size(), step.counts.size()); ++i) {
        step.counts[i] -= std::min(before.counts[i], step.counts[i]);
    }
    return step;
}

double sum_of(const Totals& rates) {
    return std::accumulate(rates.begin(), rates.end(), 0.0,
                           [](double sum, const auto& entry) { return sum + entry.second; });
}

StatsHistory::Step step_between(const MetricFigures& before, const MetricFigures& now, double seconds) {
    StatsHistory::Step step;
    step.seconds = seconds;
    step.types = rates(before.accepted, now.accepted, seconds);
    step.accepted = sum_of(step.types);
    step.deliveries = rates(before.deliveries, now.deliveries, seconds);
    const auto appended = difference(before.append_seconds, now.append_seconds);
    step.append_p50 = quantile(appended, 0.5);
    step.append_p99 = quantile(appended, 0.99);
    step.lag_events = now.lag_events;
    step.oldest_seconds = now.oldest_seconds;
    step.live_connections = now.live_connections;
    step.live_messages = growth(before.live_messages, now.live_messages) / seconds;
    return step;
}

}  // namespace

void StatsHistory::add(MetricFigures now, Timestamp at) {
    const std::lock_guard lock(mutex_);
    const double seconds = std::chrono::duration<double>(at - before_at_).count();
    if (before_ && seconds > 0) {
        steps_.push_back(step_between(*before_, now, seconds));
        steps_.back().at = at;
        if (steps_.size() > kSteps) steps_.pop_front();
    }
    before_ = std::move(now);
    before_at_ = at;
}

std::vector<StatsHistory::Step> StatsHistory::steps() const {
    const std::lock_guard lock(mutex_);
    return {steps_.begin(), steps_.end()};
}

std::map<std::string, double> StatsHistory::accepted() const {
    const std::lock_guard lock(mutex_);
    return before_ ? before_->accepted : Totals{};
}

std::optional<double> quantile(const MetricFigures::Histogram& histogram, double share) {
    const auto total = std::accumulate(histogram.counts.begin(), histogram.counts.end(), std::uint64_t{0});
    if (total == 0 || histogram.bounds.empty()) return std::nullopt;
    const double wanted = share * static_cast<double>(total);
    double below = 0;
    for (std::size_t i = 0; i < histogram.bounds.size() && i < histogram.counts.size(); ++i) {
        const auto count = static_cast<double>(histogram.counts[i]);
        if (count > 0 && below + count >= wanted) {
            const double from = i == 0 ? 0 : histogram.bounds[i - 1];
            return from + (histogram.bounds[i] - from) * std::max(0.0, wanted - below) / count;
        }
        below += count;
    }
    return histogram.bounds.back();
}

}  // namespace headwater
