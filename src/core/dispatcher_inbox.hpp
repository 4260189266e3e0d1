#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/event_log.hpp"
#include "core/registry.hpp"
#include "core/sink.hpp"
#include "core/stream_runner.hpp"

namespace headwater {

/// The dispatcher's messages from other threads. Bounded by design: settlements by the sinks' windows, pages
/// by the reads under way, and events by kMaxTailBytes, beyond which only their types are kept and the
/// streams read the log. Thread-safe; shared with the sinks' callbacks, which may outlive the dispatcher.
class DispatcherInbox {
  public:
    static constexpr std::size_t kMaxTailBytes = 32 << 20;

    struct Settlement {
        StreamId stream;
        RunnerGeneration generation;
        EventId event;
        DeliveryResult result;
    };
    struct PageRead {
        StreamId stream;
        RunnerGeneration generation;
        std::optional<LogPage> page;  ///< nothing: the log could not be read
    };
    struct CursorsSaved {
        bool is_saved = false;
        std::vector<StreamId> refused;  ///< for their epoch
    };
    struct PauseStored {
        StreamId stream;
        bool is_stored = false;
    };
    struct TailNews {
        std::vector<EventBatch> batches;
        std::set<std::string> lost_types;  ///< of events that were let go; then there are no batches
        std::optional<Cursor> upto;
    };
    struct Messages {
        TailNews tail;
        RegistryViewPtr view;
        std::vector<Settlement> settlements;
        std::vector<PageRead> pages;
        std::vector<CursorsSaved> saved;
        std::vector<PauseStored> pauses;
        bool is_stopping = false;
    };

    void post_events(const EventBatch& events, Position position);
    void post(RegistryViewPtr view);
    void post(Settlement settlement);
    void post(PageRead page);
    void post(CursorsSaved saved);
    void post(PauseStored pause);
    void post_stop();

    /// Waits for a message or the time; takes all that there are. One caller.
    [[nodiscard]] Messages wait_until(std::optional<std::chrono::steady_clock::time_point> time);

  private:
    template <class Change>
    void post_with(Change change);
    void let_go(const std::vector<EventPtr>& events);  // with mutex_ held

    std::mutex mutex_;
    std::condition_variable changed_;
    Messages messages_;           // guarded by mutex_
    bool has_messages_ = false;   // guarded by mutex_
    std::size_t tail_bytes_ = 0;  // guarded by mutex_
};

}  // namespace headwater
