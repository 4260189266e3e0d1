#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/destination_link.hpp"
#include "core/expiry_tally.hpp"
#include "core/failing_lane.hpp"
#include "core/flow_lane.hpp"
#include "core/rate_meter.hpp"
#include "core/stream_host.hpp"
#include "core/stream_status.hpp"
#include "core/subject_queues.hpp"

namespace headwater {

/// What became of a row that a replay brought, at its first attempt.
enum class ReplayedRow { delivered, failed, gone };

/// Carries one stream's events to its destination, from its cursor on: the state machine behind
/// docs/delivery.md, without I/O, threads or a clock of its own. Owned and driven by the dispatcher. After
/// any call that brings news, call advance(). Invariant: the cursor never passes an event that is neither
/// confirmed, nor expired, nor in a row that is saved with it.
class StreamRunner {
  public:
    /// `started_at`: the log's end when this node began. Ephemeral events up to there are not sent (at most
    /// once). rows: whether there may be work in the store.
    StreamRunner(Stream stream, StreamHost& host, Position started_at,
                 FailingLane::Rows rows = FailingLane::Rows::none);
    StreamRunner(const StreamRunner&) = delete;
    StreamRunner& operator=(const StreamRunner&) = delete;

    /// The stream as it is registered now. A changed destination, order or filter starts anew from the
    /// cursor; paused stops it.
    void change(Stream stream, const StreamMoment& moment);
    /// Stops at once; what is in flight is sent again after resume().
    void pause(std::string reason, const StreamMoment& moment);
    void resume(const StreamMoment& moment);

    void offer(const EventPtr& event, const StreamMoment& moment) {
        if (!is_paused_) flow_.backlog().offer(event, moment.is_tight);
    }
    /// Events may have been appended after `tail` that were not offered.
    void fall_behind(Cursor tail) { flow_.backlog().fall_behind(tail); }
    void on_page(RunnerGeneration generation, LogPage page);
    void on_read_failed(RunnerGeneration generation, const StreamMoment& moment);
    void on_settled(RunnerGeneration generation, Lane lane, EventId event, const DeliveryResult& result,
                    const StreamMoment& moment);
    /// An operator has changed what there is to do.
    void want_work() { failing_.want_work(); }
    /// False when this answer belongs to an earlier life.
    bool on_work(RunnerGeneration generation, const std::optional<StreamWork>& work,
                 const StreamMoment& moment);
    void on_found(RunnerGeneration generation, std::optional<std::vector<EventPtr>> found,
                  const StreamMoment& moment);
    /// An event that failed elsewhere (in a replay) becomes one of the stream's failing events; it is tried
    /// by the schedule from here on, or given up. False when it is one already.
    bool add_failing(FailingEvent row, const StreamMoment& moment);
    /// What became of rows that replays brought, since the last call.
    [[nodiscard]] std::vector<std::pair<ReplayId, ReplayedRow>> take_replayed() {
        return std::exchange(replayed_, {});
    }
    /// The destination wants no more (of a replay, maybe): pauses durably.
    void stop_by_destination(const std::string& reason, const StreamMoment& moment);
    /// True when as much is set aside as may be.
    [[nodiscard]] bool is_full() const;

    /// Does everything that can be done now: sends, reads, releases what is due.
    void advance(const StreamMoment& moment);
    /// Sends nothing more; what is in flight may still settle. For the end of the process, and before the
    /// stream is given to another.
    void drain() { is_draining_ = true; }

    /// What has to be saved, all of it together: gives rows to what is set aside, unless the destination is
    /// away. on_saved() must follow before the next.
    [[nodiscard]] StreamProgress take_progress(const StreamMoment& moment);
    void on_saved(bool is_saved) {
        failing_.on_saved(is_saved);
        expired_.on_saved(is_saved);
    }
    /// advance() may have something to do once what was taken is stored.
    [[nodiscard]] bool waits_for_save() const { return failing_.wants_read(); }

    /// When advance() should be called again without news.
    [[nodiscard]] std::optional<std::chrono::steady_clock::time_point> next_wake(
        const StreamMoment& moment) const;
    /// Every event that the stream wants, at or below, is delivered, expired, or has a row.
    [[nodiscard]] Cursor cursor(Cursor tail) const { return flow_.cursor(tail); }
    [[nodiscard]] StreamStatus status(const StreamMoment& moment) const;
    [[nodiscard]] const RateMeter& rate() const { return rate_; }
    [[nodiscard]] const Stream& stream() const { return *stream_; }
    [[nodiscard]] std::shared_ptr<const Stream> shared_stream() const { return stream_; }
    [[nodiscard]] RunnerGeneration generation() const { return generation_; }
    [[nodiscard]] std::size_t failing_weight() const { return failing_.weight(); }
    [[nodiscard]] std::size_t failing_under_way() const { return failing_.window().under_way(); }
    [[nodiscard]] bool is_paused() const { return is_paused_; }
    [[nodiscard]] bool is_idle() const { return flow_.is_idle() && failing_.window().size() == 0; }
    /// True when the state says something about the destination: it has answered in this life, or there is
    /// nothing to ask it.
    [[nodiscard]] bool knows_state() const {
        return has_answer_ || is_paused_ || is_idle() || destination_.health().is_away();
    }
    [[nodiscard]] std::size_t in_flight() const {
        return flow_.window().in_flight() + failing_.window().in_flight();
    }
    [[nodiscard]] std::size_t bytes() const { return flow_.bytes() + failing_.window().bytes(); }

  private:
    using TimePoint = std::chrono::steady_clock::time_point;
    using Item = DeliveryWindow::Item;

    void start_anew(Cursor from);
    bool send_next(const StreamMoment& moment);
    [[nodiscard]] Item* next_item(const StreamMoment& moment);
    bool send_flow(const StreamMoment& moment);
    bool send_failing(const StreamMoment& moment);
    void deliver(const EventPtr& event, Lane lane, int attempt, const std::string& progress,
                 ReplayId replay = {});
    void apply_skip(const StreamMoment& moment);
    void on_flow_settled(Item& item, const DeliveryResult& result, const StreamMoment& moment);
    void on_failing_settled(FailingWindow::Item& item, const DeliveryResult& result,
                            const StreamMoment& moment);
    void note_attempt(const Attempt& about, const DeliveryResult& result, const StreamMoment& moment);
    void note_answer(const DeliveryResult& result, const StreamMoment& moment);
    void give_rows(const StreamMoment& moment);
    [[nodiscard]] bool may_have_row(const Item& item) const;
    void bury(FailingEvent row, const StreamMoment& moment);
    void note_replayed(const FailingEvent& row, ReplayedRow outcome);
    void note_death(EventId event, const std::string& reason);
    void leave_subject(const std::optional<std::string>& subject, EventId event);
    [[nodiscard]] SubjectQueues* subjects();
    [[nodiscard]] RunnerKey key() const { return {stream_->id, ReplayId{}, generation_}; }
    [[nodiscard]] bool is_strict() const { return stream_->definition.order == StreamOrder::strict; }
    [[nodiscard]] bool has_work() const;
    [[nodiscard]] StreamState state() const;
    [[nodiscard]] std::optional<FailingHead> failing_head(const StreamMoment& moment) const;

    std::shared_ptr<const Stream> stream_;
    StreamHost& host_;
    RunnerGeneration generation_;
    FlowLane flow_;
    FailingLane failing_;
    ExpiryTally expired_;
    SubjectQueues subjects_;
    DestinationLink destination_;
    std::optional<EventId> skip_;  // given up by an operator
    bool is_failings_turn_ = false;
    std::vector<std::pair<ReplayId, ReplayedRow>> replayed_;
    bool is_paused_ = false;
    bool is_draining_ = false;
    bool has_answer_ = false;
    std::string last_error_;
    std::optional<Timestamp> last_delivered_;
    RateMeter rate_;
};

}  // namespace headwater
