#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>

#include "core/delivery_window.hpp"
#include "core/destination_health.hpp"
#include "core/retry_policy.hpp"
#include "core/sink.hpp"
#include "core/stream_backlog.hpp"
#include "core/stream_status.hpp"

namespace headwater {

/// Which life of a runner something belongs to: grows whenever it starts anew, so that late answers are told
/// apart.
using RunnerGeneration = std::uint64_t;

/// The moment in which a runner is asked to act.
struct StreamMoment {
    Timestamp now;
    std::chrono::steady_clock::time_point steady;
    Cursor tail;  ///< everything at or below has been offered
    bool is_tight =
        false;  ///< the events in memory have reached the node's bound: take no more than needed to go on
};

/// What a runner asks of the thread that drives it. No call may block.
class StreamHost {
  public:
    virtual ~StreamHost() = default;
    /// Opens the stream's destination; null when its kind is unknown.
    [[nodiscard]] virtual std::unique_ptr<Sink> open(const Stream& stream) = 0;
    /// Ends a sink; its destructor may block, so not on this thread.
    virtual void close(std::unique_ptr<Sink> sink) = 0;
    /// A callback for one delivery that brings its result to StreamRunner::on_settled on the driving thread.
    [[nodiscard]] virtual std::move_only_function<void(DeliveryResult)> settle_for(
        StreamId stream, RunnerGeneration generation, EventId event) = 0;
    /// Reads a page for on_page, or calls on_read_failed. The read has no types yet: they are the stream's.
    virtual void read(std::shared_ptr<const Stream> stream, RunnerGeneration generation, LogRead what) = 0;
    /// Pauses the stream durably.
    virtual void pause(StreamId stream, const std::string& reason) = 0;
    /// Counts what became of an attempt: "delivered", "failed", "unavailable", "rejected", "stop", "expired".
    virtual void count(StreamId stream, std::string_view result) = 0;
};

/// Carries one stream's events to its destination, from its cursor on: the state machine behind docs/delivery.md,
/// without I/O, threads or a clock of its own. Owned and driven by the dispatcher. After any call that brings
/// news, call advance(). Invariant: the cursor never passes an event that is neither confirmed nor expired.
class StreamRunner {
  public:
    /// `started_at`: the log's end when this node began. Ephemeral events up to there are not sent (at most
    /// once).
    StreamRunner(Stream stream, StreamHost& host, Position started_at);
    ~StreamRunner();
    StreamRunner(const StreamRunner&) = delete;
    StreamRunner& operator=(const StreamRunner&) = delete;

    /// The stream as it is registered now. A changed destination, order or filter starts anew from the
    /// cursor; paused stops it.
    void change(Stream stream, const StreamMoment& moment);
    /// Stops at once; what is in flight is sent again after resume().
    void pause(std::string reason, const StreamMoment& moment);
    void resume(const StreamMoment& moment);

    void offer(const EventPtr& event, const StreamMoment& moment) {
        if (!is_paused_) backlog_.offer(event, moment.is_tight);
    }
    /// Events may have been appended after `tail` that were not offered.
    void fall_behind(Cursor tail) { backlog_.fall_behind(tail); }
    void on_page(RunnerGeneration generation, LogPage page);
    void on_read_failed(RunnerGeneration generation, const StreamMoment& moment);
    void on_settled(RunnerGeneration generation, EventId event, DeliveryResult result,
                    const StreamMoment& moment);

    /// Does everything that can be done now: sends, reads, releases what is due.
    void advance(const StreamMoment& moment);
    /// Sends nothing more; what is in flight may still settle. For the end of the process.
    void drain() { is_draining_ = true; }

    /// When advance() should be called again without news.
    [[nodiscard]] std::optional<std::chrono::steady_clock::time_point> next_wake(
        const StreamMoment& moment) const;
    /// Every event that the stream wants, at or below, is delivered or expired.
    [[nodiscard]] Cursor cursor(Cursor tail) const;
    [[nodiscard]] StreamStatus status(const StreamMoment& moment) const;
    [[nodiscard]] const Stream& stream() const { return *stream_; }
    [[nodiscard]] bool is_paused() const { return is_paused_; }
    [[nodiscard]] bool is_idle() const {
        return backlog_.is_at_head() && backlog_.size() == 0 && window_.size() == 0;
    }
    [[nodiscard]] std::size_t in_flight() const { return window_.in_flight(); }
    [[nodiscard]] std::size_t bytes() const { return backlog_.bytes() + window_.bytes(); }

  private:
    using TimePoint = std::chrono::steady_clock::time_point;

    void start_anew(Cursor from);
    bool open_sink(const StreamMoment& moment);
    bool send_next(const StreamMoment& moment);
    DeliveryWindow::Item* next_item(const StreamMoment& moment);
    void deliver(DeliveryWindow::Item& item);
    void read_on(const StreamMoment& moment);
    void on_failed(DeliveryWindow::Item& item, const DeliveryResult& result, const StreamMoment& moment);
    [[nodiscard]] bool is_to_be_sent(const Event& event, const StreamMoment& moment) const;
    [[nodiscard]] StreamState state() const;

    std::shared_ptr<const Stream> stream_;
    StreamHost& host_;
    Position started_at_;
    RunnerGeneration generation_ = 1;
    StreamBacklog backlog_;
    DeliveryWindow window_;
    DestinationHealth health_;
    std::unique_ptr<Sink> sink_;  // opened by the first event
    RetryPolicy retries_;
    OutageBackoff read_backoff_;
    TimePoint read_after_ = TimePoint::min();
    bool is_paused_ = false;
    bool is_draining_ = false;
    std::string last_error_;
    std::optional<Timestamp> last_delivered_;
    std::minstd_rand random_;
};

}  // namespace headwater
