#include "core/lag_reporter.hpp"

#include <algorithm>
#include <utility>

#include "core/log.hpp"

namespace headwater {

LagReporter::LagReporter(RegistryStore& store, WorkPool& pool, Metrics& metrics, Lookup lookup)
    : store_(store), pool_(pool), metrics_(metrics), lookup_(std::move(lookup)) {}

void LagReporter::tick(TimePoint now, Timestamp wall) {
    if (touched_.empty() || now < next_) return;
    next_ = now + kInterval;
    std::size_t counts = 0;
    std::erase_if(touched_, [&](StreamId stream) { return !report(stream, wall, counts); });
}

bool LagReporter::report(StreamId stream, Timestamp wall, std::size_t& counts) {
    const auto standing = lookup_(stream);
    if (!standing) return false;
    const StreamStatus& status = standing->status;
    const std::size_t held = status.waiting + status.in_flight + status.set_aside;
    const bool is_done = status.is_at_head && held == 0;
    const std::chrono::duration<double> age = wall - status.oldest.value_or(wall);
    const double oldest = std::max(age.count(), 0.0);
    if (status.is_at_head) {
        metrics_.stream_lag(standing->name, static_cast<std::int64_t>(held), oldest);
    } else if (counts < kCountsPerRound) {
        ++counts;
        count_in_log(*standing, oldest);
    }
    return !is_done && status.state != StreamState::paused;
}

void LagReporter::count_in_log(const Standing& standing, double oldest) {
    // A full pool has better things to do; the next round asks again.
    (void)pool_.submit(
        [&store = store_, &metrics = metrics_, stream = standing.stream, name = standing.name, oldest] {
            try {
                metrics.stream_lag(name, store.lag_events(stream), oldest);
            } catch (const std::exception& error) {
                log::debug("stream.uncounted", {{"stream", name}, {"error", error.what()}});
            }
        });
}

std::optional<LagReporter::TimePoint> LagReporter::next_tick() const {
    if (touched_.empty()) return std::nullopt;
    return next_;
}

}  // namespace headwater
