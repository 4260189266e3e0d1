#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "core/replay_runner.hpp"

namespace headwater {

/// The replays of one stream that run on this node. Owned by the stream's slot; one thread.
class StreamReplays {
  public:
    StreamReplays(StreamRunner& stream, StreamHost& host) : stream_(stream), host_(host) {}

    /// The running ones as they are stored: new ones begin, those that were cancelled end.
    void take(const std::vector<Replay>& running, const StreamMoment& moment);
    /// Null when it is not running, or the answer is for an earlier life of it.
    [[nodiscard]] ReplayRunner* find(const RunnerKey& key);
    /// Drives them all, behind their stream: a new life of it is one of theirs too, while it is paused they
    /// are.
    void advance(const StreamMoment& moment);
    void drain();

    void give_rows(const StreamMoment& moment);
    void take_progress(StreamProgress& progress);
    void on_saved(bool is_saved);

    [[nodiscard]] std::optional<ReplayRunner::TimePoint> next_wake(const StreamMoment& moment) const;
    [[nodiscard]] std::size_t in_flight() const;
    [[nodiscard]] std::size_t bytes() const;

  private:
    StreamRunner& stream_;
    StreamHost& host_;
    std::map<ReplayId, std::unique_ptr<ReplayRunner>> running_;
    std::set<ReplayId> over_;  // done and stored, while an older list may still name them
    RunnerGeneration stream_generation_ = 0;
};

}  // namespace headwater
