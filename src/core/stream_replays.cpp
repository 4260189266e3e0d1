#include "core/stream_replays.hpp"

#include <algorithm>
#include <utility>

#include "core/dead_replay.hpp"
#include "core/range_replay.hpp"

namespace headwater {

void StreamReplays::take(const std::vector<Replay>& running, const StreamMoment& moment) {
    std::set<ReplayId> named;
    for (const Replay& replay : running) {
        named.insert(replay.id);
        if (running_.contains(replay.id) || over_.contains(replay.id)) continue;
        if (replay.what.only_dead) {
            running_.emplace(replay.id, std::make_unique<DeadReplay>(replay, stream_, host_));
        } else {
            running_.emplace(replay.id, std::make_unique<RangeReplay>(replay, stream_, host_));
        }
    }
    for (auto at = running_.begin(); at != running_.end();) {
        if (named.contains(at->first)) {
            ++at;
            continue;
        }
        at->second->give_rows(moment);  // cancelled: what has failed is the stream's
        at = running_.erase(at);
    }
    std::erase_if(over_, [&named](ReplayId id) { return !named.contains(id); });
}

ReplayRunner* StreamReplays::find(const RunnerKey& key) {
    const auto found = running_.find(key.replay);
    if (found == running_.end() || found->second->generation() != key.generation) return nullptr;
    return found->second.get();
}

void StreamReplays::advance(const StreamMoment& moment) {
    for (const auto& [id, outcome] : stream_.take_replayed()) {
        if (const auto found = running_.find(id); found != running_.end()) found->second->on_row(outcome);
    }
    if (const auto generation = stream_.generation(); generation != stream_generation_) {
        const bool is_first = std::exchange(stream_generation_, generation) == 0;
        if (!is_first) {
            for (auto& [id, replay] : running_) replay->restart(moment);
        }
    }
    if (stream_.is_paused()) return;
    for (auto& [id, replay] : running_) replay->advance(moment);
}

void StreamReplays::drain() {
    for (auto& [id, replay] : running_) replay->drain();
}

void StreamReplays::give_rows(const StreamMoment& moment) {
    for (auto& [id, replay] : running_) replay->give_rows(moment);
}

void StreamReplays::take_progress(StreamProgress& progress) {
    for (auto& [id, replay] : running_) {
        if (auto one = replay->take_progress()) progress.replays.push_back(*one);
    }
}

void StreamReplays::on_saved(bool is_saved) {
    for (auto at = running_.begin(); at != running_.end();) {
        at->second->on_saved(is_saved);
        if (at->second->is_over()) {
            over_.insert(at->first);
            at = running_.erase(at);
        } else {
            ++at;
        }
    }
}

std::optional<ReplayRunner::TimePoint> StreamReplays::next_wake(const StreamMoment& moment) const {
    std::optional<ReplayRunner::TimePoint> wake;
    for (const auto& [id, replay] : running_) {
        const auto one = replay->next_wake(moment);
        if (one && (!wake || *one < *wake)) wake = one;
    }
    return wake;
}

std::size_t StreamReplays::in_flight() const {
    std::size_t count = 0;
    for (const auto& [id, replay] : running_) count += replay->in_flight();
    return count;
}

std::size_t StreamReplays::bytes() const {
    std::size_t bytes = 0;
    for (const auto& [id, replay] : running_) bytes += replay->bytes();
    return bytes;
}

}  // namespace headwater
