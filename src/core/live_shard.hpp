#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "core/live_broadcast.hpp"
#include "core/live_history.hpp"
#include "core/live_index.hpp"
#include "core/live_selection.hpp"
#include "core/live_subscription.hpp"
#include "core/metrics.hpp"
#include "core/resume_horizon.hpp"

namespace headwater {

/// Runs something on a shard's thread, later, in the order of the calls. May be called from any thread.
using LiveExecutor = std::function<void(std::move_only_function<void()>)>;

/// What the shards of one hub share. All of it is thread-safe.
struct LiveParts {
    LiveBroadcast& broadcast;
    LiveHistory& history;
    const ResumeHorizon& horizon;
    const Clock& clock;
    Metrics& metrics;
    RecentEvents::Bounds recent;
    std::size_t slice_bytes;  ///< of events handed on in one turn, or of one page of history
};

/// The live subscribers of one io thread. Takes batches from the broadcast, a slice at a turn so that
/// connections are written in between, and builds each chunk once for all who get the same events in the same
/// encoding. Everything runs on its own thread.
class LiveShard {
  public:
    LiveShard(const LiveParts& parts, LiveExecutor executor);
    LiveShard(const LiveShard&) = delete;
    LiveShard& operator=(const LiveShard&) = delete;

    [[nodiscard]] std::unique_ptr<LiveSubscription> subscribe(LiveFilter filter, const LiveEncoder& encoder,
                                                              LiveSubscriber& subscriber);
    /// The same with a selection, which outlives the subscription.
    [[nodiscard]] std::unique_ptr<LiveSubscription> subscribe(LiveSelection& selection,
                                                              const LiveEncoder& encoder,
                                                              LiveSubscriber& subscriber);
    /// Who is told of each event of a type exactly between the events before it and those after it, while the
    /// shard has subscribers; or that some may have been missed. May change selections, may end nobody.
    struct Watcher {
        std::string type;
        std::function<void(const EventPtr&)> on_event;
        std::function<void()> on_missed;
    };
    void watch(Watcher watcher) { watchers_.push_back(std::move(watcher)); }
    /// Everything at or below has been handed to those who are live.
    [[nodiscard]] Position position() const { return position_; }
    /// Takes what is there without having been woken: position() follows a log whose events nobody here
    /// wants.
    void refresh() { run(); }

  private:
    friend class LiveSubscription;

    void post(std::move_only_function<void()> work) { executor_(std::move(work)); }
    void join_broadcast();
    void run();
    void take_new();
    void fan_out_slice();
    void fan_out(std::span<const EventPtr> events, Position upto);
    void match(std::span<const EventPtr> events);
    void deliver_to_groups(std::span<const EventPtr> events);
    void gather(const LiveGroup& group, std::span<const EventPtr> events);
    void tell_watchers(const EventPtr& event);
    [[nodiscard]] bool is_watched(const Event& event) const;
    void deliver_to_ahead(std::span<const EventPtr> events, Position upto);
    void recover_from_overrun();
    void remove(LiveSubscription& subscription);
    [[nodiscard]] LiveSubscription* find(std::uint64_t id) const;

    const LiveParts parts_;
    const LiveExecutor executor_;
    const std::size_t reader_;  ///< its number at the broadcast
    std::unordered_map<std::uint64_t, LiveSubscription*> subscriptions_;
    std::uint64_t last_id_ = 0;
    LiveIndex index_;
    std::vector<LiveSubscription*>
        ahead_;                     ///< live, but what the shard hands on next they have had from history
    RecentEvents recent_;           ///< what was taken; empty without subscribers
    std::uint64_t next_entry_ = 0;  ///< of recent_, to be handed on
    std::size_t next_event_ = 0;    ///< inside of that entry
    Position position_;
    bool is_scheduled_ = false;
    std::vector<Watcher> watchers_;
    std::vector<LiveGroup*> touched_;          ///< scratch of one fan-out
    std::vector<LiveSubscription*> gathered_;  ///< the same: those whose selections have matched
};

}  // namespace headwater
