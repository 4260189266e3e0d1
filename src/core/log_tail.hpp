#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "core/event.hpp"
#include "core/event_log.hpp"

namespace headwater {

/// The node's one reader of the log's end. It hands every event, in log order and once, to its listeners
/// (live hub, dispatcher): batches of this node straight from memory, those of other nodes read from the log.
/// One thread of its own.
class LogTail {
  public:
    /// Called on the tail's thread, in log order. `position` is how far the log has been handed on (at or
    /// past the last event). Must not throw or block for long.
    using Listener = std::function<void(const EventBatch& events, Position position)>;

    /// A commit of this node: what was stored, and what stood before it.
    struct Commit {
        AppendResult result;
        std::vector<NewEvent> events;  ///< parallel to result.events
    };

    static constexpr std::size_t kMaxWaiting = 16'384;

    explicit LogTail(LogReader& reader);
    ~LogTail();
    LogTail(const LogTail&) = delete;
    LogTail& operator=(const LogTail&) = delete;

    void add_listener(Listener listener) { listeners_.push_back(std::move(listener)); }  ///< before start()
    /// Begins at the log's head. Throws Unavailable.
    void start();
    void stop();

    /// A batch that this node has committed. Never blocks: past kMaxWaiting events it is let go and read from
    /// the log.
    void committed(Commit commit);
    /// Somebody else may have appended (a notification, or the safety net's poll). Any thread.
    void wake();

    /// Every event at or below has been handed to the listeners. Any thread.
    [[nodiscard]] Position position() const { return Position{position_.load(std::memory_order_acquire)}; }

  private:
    void run(const std::stop_token& stop);
    /// What there is to do next; empty and false only when stopping.
    [[nodiscard]] std::pair<std::deque<Commit>, bool> wait_for_work(const std::stop_token& stop);
    void hand_on(std::vector<EventPtr> events, Cursor upto);
    void hand_on_commit(const Commit& commit, const std::stop_token& stop);
    void read_until(std::optional<Position> limit, const std::stop_token& stop);
    void pause(const std::stop_token& stop);

    LogReader& reader_;
    std::vector<Listener> listeners_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::deque<Commit> commits_;      // guarded by mutex_
    std::size_t waiting_events_ = 0;  // guarded by mutex_
    bool must_read_ = false;          // guarded by mutex_
    Cursor cursor_;                   // the tail's thread only, after start()
    std::atomic<std::int64_t> position_{0};
    std::jthread thread_;
};

}  // namespace headwater
