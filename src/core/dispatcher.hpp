#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "core/attempt_log.hpp"
#include "core/dispatcher_inbox.hpp"
#include "core/lag_reporter.hpp"
#include "core/lease_book.hpp"
#include "core/progress_saver.hpp"
#include "core/runner_host.hpp"
#include "core/runner_table.hpp"
#include "core/state_announcer.hpp"
#include "core/stream_handover.hpp"
#include "core/stream_routes.hpp"
#include "core/stream_status_board.hpp"
#include "core/time.hpp"

namespace headwater {

/// Carries events to the streams that this process has claimed: one thread that drives a StreamRunner per
/// stream and sleeps until there is a message or a timer. An idle stream costs nothing but its memory. Owned
/// by the app; on_…, apply, want_work, status and attempts may be called from any thread. What it refers to
/// must outlive it; the pool must still run while stop() is called.
class Dispatcher {
  public:
    struct Options {
        std::chrono::milliseconds drain{2000};  ///< stop() lets deliveries settle for this long
        std::size_t max_held_bytes =
            256 << 20;     ///< of all events that wait or are in flight; beyond, streams read the log later
        std::string node;  ///< this node's label
    };
    /// What it asks of others, from its own thread.
    struct Outlets {
        /// Gives a stream up (LeaseKeeper::release).
        std::function<void(StreamProgress)> release = [](StreamProgress) {};
        AnnounceState announce{};  ///< may be empty
    };

    Dispatcher(const RunnerServices& services, Outlets outlets, Options options);
    ~Dispatcher();
    Dispatcher(const Dispatcher&) = delete;
    Dispatcher& operator=(const Dispatcher&) = delete;

    /// Begins. Must come after LogTail::start(), so that no event falls between the two. Throws Unavailable.
    void start();
    /// Sends nothing new, lets what is in flight settle, saves what was done, closes the sinks. Idempotent.
    void stop();

    /// LogTail's listener. Never blocks; past 32 MiB of waiting events the streams read them from the log
    /// instead.
    void on_events(const EventBatch& events, Position position) { inbox_->post_events(events, position); }
    /// Registry's listener: begins, ends and changes streams.
    void apply(const RegistryViewPtr& view) { inbox_->post(view); }
    /// LeaseKeeper's listeners: a stream runs once it is both registered and claimed.
    void on_lease(LeaseNews news) { inbox_->post(std::move(news)); }
    void on_released(std::vector<StreamId> streams) { inbox_->post_released(std::move(streams)); }
    /// An operator has changed what there is to do for this stream (nothing: maybe for any). Cheap when it is
    /// not run here.
    void want_work(std::optional<StreamId> stream) { inbox_->post_work(stream); }

    /// How a stream stands; nothing for one that is not run here.
    [[nodiscard]] std::optional<StreamStatus> status(StreamId stream) const {
        return board_.find(stream, services_.clock.steady_now());
    }
    /// Its last attempts, newest first; empty for one that is not run here.
    [[nodiscard]] std::vector<Attempt> attempts(StreamId stream) const { return attempts_.of(stream); }

  private:
    using TimePoint = std::chrono::steady_clock::time_point;

    void run();
    void handle(DispatcherInbox::Messages messages);
    void take_leases(std::vector<LeaseNews> leases);
    void take_claim(const ClaimedStream& claim);
    void take_view(const RegistryViewPtr& view);
    void take_tail(const DispatcherInbox::TailNews& news);
    void take_answers(DispatcherInbox::Messages& messages);
    void take_wanted_work(const std::vector<std::optional<StreamId>>& streams);
    void take_settlements(std::vector<DispatcherInbox::Settlement> settlements);
    void take_pauses(const std::vector<DispatcherInbox::PauseStored>& pauses);
    void take_saved(const std::vector<DispatcherInbox::ProgressSaved>& saved);
    void take_timers();
    template <class Answers, class Take>
    void take_each(Answers answers, Take take);

    void add(const Stream& stream, const ClaimedStream& claim);
    void remove(StreamId id);
    void remove_all();
    void release(StreamId id);
    void on_table_changed();
    void advance_touched();
    void note_state(StreamId id, StreamSlot& slot, StreamStatus& status);
    void drain();
    void save_at_end(TimePoint deadline);
    [[nodiscard]] StreamMoment moment() const;
    [[nodiscard]] std::optional<TimePoint> next_wake() const;
    [[nodiscard]] ProgressSaver::Streams streams_to_save();
    [[nodiscard]] std::optional<LagReporter::Standing> standing_of(StreamId id) const;

    RunnerServices services_;
    Outlets outlets_;
    Options options_;
    std::shared_ptr<DispatcherInbox> inbox_;
    AttemptLog attempts_;
    StreamStatusBoard board_;
    LeaseBook leases_;
    RunnerHost host_;
    RunnerTable table_;
    StreamRoutes routes_;
    ProgressSaver saver_;
    LagReporter lag_;
    StateAnnouncer announcer_;
    StreamHandover handover_;
    RegistryViewPtr view_;
    Cursor tail_;
    Position started_at_;
    bool is_table_changed_ = false;
    bool is_first_lease_ = true;  // what is claimed now was nobody's when this node began
    std::jthread thread_;
};

}  // namespace headwater
