#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>

#include "core/stream_slot.hpp"

namespace headwater {

/// Appends an event about a stream's state to the log; `done` says whether it was accepted, from any thread.
/// Never blocks.
using AnnounceState =
    std::function<void(std::string payload, std::move_only_function<void(bool is_accepted)> done)>;

/// Tells the log of the streams' changes of state (`headwater:stream-state`): of each stream at most one a
/// second, the newest, kept until it was accepted. Streams that carry Headwater's own events raise none, or
/// they would feed on themselves. Belongs to the dispatcher's thread.
class StateAnnouncer {
  public:
    using TimePoint = std::chrono::steady_clock::time_point;
    using OnDone = std::function<void(StreamId, bool is_accepted)>;
    static constexpr std::chrono::seconds kInterval{1};

    /// `node`: the label of this node. `on_done` is called from any thread and leads to on_announced() on the
    /// dispatcher's.
    StateAnnouncer(AnnounceState announce, std::string node, OnDone on_done);

    void note(const Stream& stream, const StateChange& change);
    /// Sends what is due.
    void tick(TimePoint now);
    void on_announced(StreamId stream, bool is_accepted);
    [[nodiscard]] std::optional<TimePoint> next_tick() const;

  private:
    struct News {
        std::string stream_json;
        StateChange change;
    };
    struct Entry {
        std::optional<News> pending;
        std::optional<News> under_way;
        TimePoint not_before = TimePoint::min();
    };
    [[nodiscard]] std::string payload_of(const News& news) const;

    AnnounceState announce_;
    std::string node_;
    OnDone on_done_;
    std::unordered_map<StreamId, Entry> entries_;  // only those with something to tell, or told a moment ago
};

}  // namespace headwater
