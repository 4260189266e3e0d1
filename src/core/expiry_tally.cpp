#include "core/expiry_tally.hpp"

#include <algorithm>
#include <utility>

#include "core/retention.hpp"

namespace headwater {
namespace {

/// Whether the events of a run are counted: ephemeral ones are in no partition, and nobody's loss.
bool is_counted(const ExpiredRun& run) {
    return run.retention_class != 0;
}

/// The rung that an event was stored in follows from how long it was to live: calendar lengths, which vary,
/// never cross the ladder's bounds.
const RetentionClass& class_of(const Event& event) {
    const auto classes = retention_classes();
    const auto length = event.expires_at - event.created_at;
    const auto rung =
        std::ranges::find_if(classes, [length](const RetentionClass& one) { return length <= one.longest; });
    return rung == classes.end() ? classes.back() : *rung;
}

ExpiredRun run_of(const Event& event) {
    if (event.is_ephemeral) return {0, Timestamp::min(), event.id, 1};
    const RetentionClass& rung = class_of(event);
    const auto since = std::chrono::floor<std::chrono::seconds>(event.created_at.time_since_epoch());
    return {rung.id, Timestamp(since / rung.width * rung.width), event.id, 1};
}

bool is_same_partition(const ExpiredRun& a, const ExpiredRun& b) {
    return a.retention_class == b.retention_class && a.partition == b.partition;
}

void merge(std::vector<ExpiredRun>& runs, std::size_t from, const ExpiredRun& run) {
    const auto same = std::find_if(runs.begin() + static_cast<std::ptrdiff_t>(from), runs.end(),
                                   [&](const ExpiredRun& other) { return is_same_partition(other, run); });
    if (same == runs.end()) {
        runs.push_back(run);
        return;
    }
    same->last = std::max(same->last, run.last);
    same->count += run.count;
}

}  // namespace

void ExpiredRuns::add(const Event& event) {
    const ExpiredRun run = run_of(event);
    if (is_open_ && is_same_partition(runs_.back(), run)) {
        runs_.back().last = run.last;
        ++runs_.back().count;
    } else {
        runs_.push_back(run);
        is_open_ = true;
    }
}

std::vector<ExpiredRun> ExpiredRuns::take() {
    is_open_ = false;
    return std::exchange(runs_, {});
}

void ExpiryTally::add(std::vector<ExpiredRun> runs) {
    for (const ExpiredRun& run : runs) {
        if (is_counted(run)) ahead_.insert_or_assign(run.last, run);
    }
}

void ExpiryTally::add(const Event& event) {
    add(std::vector{run_of(event)});
}

void ExpiryTally::restart(Position from) {
    pass(from);
    ahead_.clear();
}

/// What one call passes becomes one entry for each partition. Entries of different calls stay apart: a save
/// whose end is not known may have stored the earlier ones.
void ExpiryTally::pass(Position cursor) {
    const std::size_t before = passed_.size();
    const auto end = ahead_.upper_bound(cursor);
    for (auto run = ahead_.begin(); run != end; ++run) merge(passed_, before, run->second);
    ahead_.erase(ahead_.begin(), end);
}

void ExpiryTally::take(StreamProgress& progress) {
    pass(progress.cursor.position);
    progress.expired = passed_;
    saving_ = passed_.size();
}

void ExpiryTally::on_saved(bool is_saved) {
    const auto saving = static_cast<std::ptrdiff_t>(std::exchange(saving_, 0));
    if (is_saved) passed_.erase(passed_.begin(), passed_.begin() + saving);
}

}  // namespace headwater
