#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/live_chunk.hpp"
#include "core/live_filter.hpp"
#include "core/live_history.hpp"
#include "core/live_index.hpp"
#include "core/live_selection.hpp"

namespace headwater {

class LiveShard;

/// What the first frame tells a subscriber.
struct LiveStart {
    Position cursor;            ///< the position from which the stream goes on
    bool is_recovered = false;  ///< history was asked for, and everything since is retained and follows
    bool has_gap =
        false;  ///< history was asked for, and some of it may have expired (or never was, above the head)
};

/// The connection's side. Called on the shard's thread only. No call may end the subscription before it has
/// returned.
class LiveSubscriber {
  public:
    virtual ~LiveSubscriber() = default;
    /// Once, before anything else.
    virtual void begin(const LiveStart& start) = 0;
    virtual void deliver(const LiveChunkPtr& chunk) = 0;
    /// A page of history: comes only while is_drained(), or right before the first live events.
    virtual void deliver_history(const LiveChunkPtr& chunk) = 0;
    /// True when nothing waits to be sent. When that comes true again the connection calls
    /// LiveSubscription::drained().
    [[nodiscard]] virtual bool is_drained() const = 0;
    /// The log cannot be read: the rest of the history cannot be served now.
    virtual void history_failed() = 0;
};

/// One subscriber's way through the log: first the history that it asked for, at the pace of its socket, from
/// memory or from the log, then live, without a gap or a repeat in between. The connection owns it and ends
/// it by destroying it. The shard's thread only.
class LiveSubscription {
  public:
    LiveSubscription(LiveShard& shard, std::uint64_t id, LiveFilter filter, const LiveEncoder& encoder,
                     LiveSubscriber& subscriber);
    LiveSubscription(LiveShard& shard, std::uint64_t id, LiveSelection& selection, const LiveEncoder& encoder,
                     LiveSubscriber& subscriber);
    ~LiveSubscription();
    LiveSubscription(const LiveSubscription&) = delete;
    LiveSubscription& operator=(const LiveSubscription&) = delete;

    /// Once. `since` as in LiveRequest.
    void start(std::optional<Position> since);
    void drained();

    /// Everything that matches at or below has been handed to the subscriber.
    [[nodiscard]] Position cursor() const;
    [[nodiscard]] bool is_live() const { return state_ == State::live; }
    /// Where one begins that starts now, for one that cannot start yet.
    [[nodiscard]] Position now() const;

    /// Changes what comes from now on (while history is replayed: from where the replay stands). The error is
    /// one sentence.
    [[nodiscard]] std::expected<void, std::string> subscribe(const std::vector<std::string>& filters);
    [[nodiscard]] std::expected<void, std::string> unsubscribe(const std::vector<std::string>& filters);
    /// The selection has one place more, or one less, with the same effect. `place` as in
    /// LiveSelection::for_each_place().
    void place_added(const LiveFilter& place);
    void place_removed(const LiveFilter& place);

  private:
    friend class LiveShard;
    enum class State { starting, replaying, live };

    void on_start(std::optional<LiveHistory::Start> found);
    void on_page(std::uint64_t filter_version, std::optional<LiveHistory::Page> page);
    void begin(Position cursor, bool is_recovered, bool has_gap);
    void replay();
    /// How far a replay may go. Where changes of the selection stand in the log, not beyond those that were
    /// applied.
    [[nodiscard]] Position replay_end() const;
    void cut(LiveHistory::Page& page) const;
    [[nodiscard]] bool replay_from_memory();
    void replay_from_log();
    void hand_over(LiveChunk chunk);
    void go_live();
    void fall_back(Position position);
    void join_group();
    void leave_group();
    void set_filter(LiveFilter filter);
    void join_place(const LiveFilter& place);
    void leave_place(LiveGroup& group, std::size_t index);
    void was_moved(LiveGroup& group, std::size_t index);
    [[nodiscard]] bool matches(const Event& event) const {
        return selection_ != nullptr ? selection_->matches(event) : filter_.matches(event);
    }
    [[nodiscard]] LiveFilter filter_for_reads() const {
        return selection_ != nullptr ? selection_->to_filter() : filter_;
    }

    LiveShard& shard_;
    const std::uint64_t id_;
    LiveSelection* const selection_ = nullptr;  ///< in the stead of the filter
    LiveFilter filter_;
    std::uint64_t filter_version_ = 0;
    const LiveEncoder& encoder_;
    LiveSubscriber& subscriber_;
    State state_ = State::starting;
    Position position_;  ///< how far it has come; when live: its events at or below are not to be sent again
    std::optional<Timestamp> at_;  ///< of position_, where it is known
    bool is_reading_ = false;      ///< a page of the log is on its way
    LiveIndex::Place place_;       ///< in its group, when it is live and not ahead of the shard
    bool is_in_places_ = false;    ///< the same for one with a selection: in the groups of all its places
    std::unordered_map<LiveGroup*, std::size_t> places_;  ///< its index in each of them
    std::vector<std::uint32_t> matched_;                  ///< scratch of one fan-out
};

}  // namespace headwater
