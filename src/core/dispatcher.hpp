#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <thread>
#include <unordered_map>
#include <unordered_set>

#include "core/cursor_saver.hpp"
#include "core/dispatcher_inbox.hpp"
#include "core/lag_reporter.hpp"
#include "core/runner_host.hpp"
#include "core/stream_routes.hpp"
#include "core/stream_runner.hpp"
#include "core/stream_status_board.hpp"
#include "core/time.hpp"
#include "core/wake_list.hpp"

namespace headwater {

/// Carries events to the streams: one thread that drives a StreamRunner per stream and sleeps until there is
/// a message or a timer. An idle stream costs nothing but its memory. Owned by the app; on_events, apply and
/// status may be called from any thread. The references must outlive it; the pool must still run while stop()
/// is called.
class Dispatcher {
  public:
    struct Options {
        std::chrono::milliseconds drain{2000};  ///< stop() lets deliveries settle for this long
        std::size_t max_held_bytes =
            256 << 20;  ///< of all events that wait or are in flight; beyond, streams read the log later
    };

    Dispatcher(const SinkTypes& sinks, LogReader& reader, RegistryStore& store, WorkPool& pool,
               const Clock& clock, Metrics& metrics, Options options);
    ~Dispatcher();
    Dispatcher(const Dispatcher&) = delete;
    Dispatcher& operator=(const Dispatcher&) = delete;

    /// Begins. Must come after LogTail::start(), so that no event falls between the two. Throws Unavailable.
    void start();
    /// Sends nothing new, lets what is in flight settle, saves the cursors, closes the sinks. Idempotent.
    void stop();

    /// LogTail's listener. Never blocks; past 32 MiB of waiting events the streams read them from the log
    /// instead.
    void on_events(const EventBatch& events, Position position) { inbox_->post_events(events, position); }
    /// Registry's listener: begins, ends and changes streams.
    void apply(const RegistryViewPtr& view) { inbox_->post(view); }
    /// How a stream stands; nothing for one that is not run here.
    [[nodiscard]] std::optional<StreamStatus> status(StreamId stream) const { return board_.find(stream); }

  private:
    using TimePoint = std::chrono::steady_clock::time_point;
    struct Slot {
        std::unique_ptr<StreamRunner> runner;
        std::size_t bytes = 0;  // as counted in held_bytes_
        StreamState state = StreamState::running;
        std::int64_t version = 0;  // of the registration that was applied
        bool is_pausing = false;   // by the destination; not stored yet
    };

    void run();
    void handle(DispatcherInbox::Messages messages);
    void take_view(const RegistryView& view);
    void take_stream(const Stream& stream);
    void take_tail(const DispatcherInbox::TailNews& news);
    void take_pages(std::vector<DispatcherInbox::PageRead> pages);
    void take_settlements(std::vector<DispatcherInbox::Settlement> settlements);
    void take_pauses(const std::vector<DispatcherInbox::PauseStored>& pauses);
    void take_saved(const std::vector<DispatcherInbox::CursorsSaved>& saved);
    void take_timers();
    void set_routes();
    void advance_touched();
    void note_state(Slot& slot, const StreamStatus& status);
    void remove(StreamId id);
    void drain();
    void save_at_end(TimePoint deadline);
    [[nodiscard]] std::size_t in_flight() const;
    [[nodiscard]] StreamMoment moment() const;
    [[nodiscard]] std::optional<TimePoint> next_wake() const;
    [[nodiscard]] std::optional<CursorUpdate> cursor_of(StreamId id) const;
    [[nodiscard]] std::optional<LagReporter::Standing> standing_of(StreamId id) const;
    [[nodiscard]] Slot* find(StreamId id);

    LogReader& reader_;
    const Clock& clock_;
    Metrics& metrics_;
    Options options_;
    std::shared_ptr<DispatcherInbox> inbox_;
    RunnerHost host_;
    CursorSaver saver_;
    LagReporter lag_;
    StreamStatusBoard board_;
    StreamRoutes routes_;
    std::unordered_map<StreamId, Slot> slots_;
    std::unordered_set<StreamId> touched_;  // in this round
    WakeList wakes_;
    Cursor tail_;
    Position started_at_;
    std::size_t held_bytes_ = 0;
    std::jthread thread_;
};

}  // namespace headwater
