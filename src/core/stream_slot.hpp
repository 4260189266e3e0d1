#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "core/lease_store.hpp"
#include "core/stream_replays.hpp"
#include "core/stream_runner.hpp"

namespace headwater {

/// A stream changed its state.
struct StateChange {
    StreamState from{};
    StreamState to{};
    std::string reason;
};

/// Everything that the dispatcher keeps for one stream that it runs: its runner, its replays and how it last
/// stood. Owned by the RunnerTable; one thread.
class StreamSlot {
  public:
    using TimePoint = std::chrono::steady_clock::time_point;

    /// The claim's cursor and epoch count, not those of the registration, which may be older.
    StreamSlot(Stream stream, const ClaimedStream& claim, StreamHost& host, Position started_at);

    /// The stream as it is registered now. False when that is nothing new.
    bool change(Stream stream, const StreamMoment& moment);
    [[nodiscard]] StreamRunner& runner() { return runner_; }
    [[nodiscard]] const StreamRunner& runner() const { return runner_; }

    void on_page(const RunnerKey& key, std::optional<LogPage> page, const StreamMoment& moment);
    void on_work(const RunnerKey& key, const std::optional<StreamWork>& work, const StreamMoment& moment);
    void on_dead(const RunnerKey& key, const std::optional<DeadPage>& page, const StreamMoment& moment);
    void on_settled(const RunnerKey& key, Lane lane, EventId event, const DeliveryResult& result,
                    const StreamMoment& moment);

    void advance(const StreamMoment& moment);
    void drain();
    [[nodiscard]] std::size_t in_flight() const { return runner_.in_flight() + replays_.in_flight(); }
    [[nodiscard]] std::size_t bytes() const { return runner_.bytes() + replays_.bytes(); }
    [[nodiscard]] std::optional<TimePoint> next_wake(const StreamMoment& moment) const;

    /// What has to be saved. on_saved() says how it ended.
    [[nodiscard]] StreamProgress take_progress(const StreamMoment& moment);
    void on_saved(bool is_saved);

    /// Compares the state with the last one; a change is saved with the progress. Fills in status.since.
    std::optional<StateChange> note_state(StreamStatus& status, Timestamp now);

    std::size_t counted_bytes = 0;  ///< as counted by the RunnerTable
    bool is_pausing = false;        ///< the destination wants no more, and that is not stored yet

  private:
    StreamRunner runner_;
    StreamReplays replays_;
    StreamState state_;
    std::string error_;
    std::optional<Timestamp> since_;  // nothing: as stored
    bool is_standing_unsaved_ = false;
    bool is_standing_being_saved_ = false;
};

/// "type/name", or the name alone of a stream of its own: how logs and metrics call it.
[[nodiscard]] std::string metric_name(const Stream& stream);

}  // namespace headwater
