#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "core/delivery_window.hpp"
#include "core/expiry_tally.hpp"
#include "core/retry_policy.hpp"
#include "core/stream_backlog.hpp"
#include "core/stream_host.hpp"
#include "core/subject_queues.hpp"

namespace headwater {

/// The log's events on their way to one destination, in their order: what waits, what is in the window, and
/// the cursor that follows from both. Knows nothing of destinations. Owned by a StreamRunner or a
/// ReplayRunner; one thread.
class FlowLane {
  public:
    using Item = DeliveryWindow::Item;
    using TimePoint = std::chrono::steady_clock::time_point;

    /// Ephemeral events up to `started_at` are passed over (they are sent at most once).
    FlowLane(StreamHost& host, Cursor from, StreamOrder order, Position started_at)
        : host_(host), started_at_(started_at), backlog_(from), window_(order) {}

    /// Forgets everything and begins behind this cursor.
    void restart(Cursor from, StreamOrder order);

    void on_page(LogPage page);
    void on_read_failed(const StreamMoment& moment);
    /// Reads the next page up to `upto` when there is room and none is on its way.
    void read_on(const RunnerKey& key, const std::shared_ptr<const Stream>& stream, Cursor upto,
                 const StreamMoment& moment);

    /// The lowest event that is ready, or else the next of the backlog; null when nothing may be sent.
    /// `window` is the sink's, `rows` what is set aside in rows, `subjects` null when order is not by
    /// subject.
    [[nodiscard]] Item* next_item(StreamId stream, std::size_t window, std::size_t rows,
                                  const StreamMoment& moment, SubjectQueues* subjects);

    /// Everything at or below is settled, or has left the window for a row.
    [[nodiscard]] Cursor cursor(Cursor tail) const;
    /// created_at of the oldest event that the cursor has not passed, as far as it is known.
    [[nodiscard]] std::optional<Timestamp> oldest(Cursor tail) const;
    [[nodiscard]] bool is_idle() const {
        return backlog_.is_at_head() && backlog_.size() == 0 && window_.size() == 0;
    }
    [[nodiscard]] std::size_t bytes() const { return backlog_.bytes() + window_.bytes(); }
    /// The events that were passed over since the last call because they had expired.
    [[nodiscard]] std::vector<ExpiredRun> take_passed_over() { return passed_over_.take(); }
    /// When read_on() may go on after a failed read.
    [[nodiscard]] std::optional<TimePoint> next_read(const StreamMoment& moment) const;

    [[nodiscard]] StreamBacklog& backlog() { return backlog_; }
    [[nodiscard]] const StreamBacklog& backlog() const { return backlog_; }
    [[nodiscard]] DeliveryWindow& window() { return window_; }
    [[nodiscard]] const DeliveryWindow& window() const { return window_; }

  private:
    [[nodiscard]] bool is_to_be_sent(StreamId stream, const Event& event, const StreamMoment& moment);

    StreamHost& host_;
    Position started_at_;
    StreamBacklog backlog_;
    DeliveryWindow window_;
    ExpiredRuns passed_over_;
    OutageBackoff read_backoff_;
    TimePoint read_after_ = TimePoint::min();
};

}  // namespace headwater
