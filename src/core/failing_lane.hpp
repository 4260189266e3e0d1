#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

#include "core/failing_window.hpp"
#include "core/retry_policy.hpp"
#include "core/row_ledger.hpp"
#include "core/stream_host.hpp"
#include "core/subject_queues.hpp"

namespace headwater {

/// A stream's failing rows at work: reads them from the store when the stream is claimed or an operator has
/// changed something, loads the bodies of those that are due, and keeps the changes for the next save. Owned
/// by a StreamRunner, which decides what becomes of an attempt; one thread.
class FailingLane {
  public:
    using TimePoint = std::chrono::steady_clock::time_point;
    static constexpr std::size_t kPartRows = 250;    ///< read at once; the next when fewer are under way
    static constexpr std::size_t kMaxRead = 10'000;  ///< of those read, in memory (any number by subject)
    static constexpr std::size_t kLoadAtOnce = 32;   ///< bodies
    static constexpr std::size_t kMostWeight = 500;  ///< of those read, against DeliveryWindow::kMaxSetAside

    explicit FailingLane(StreamHost& host) : host_(host) {}

    /// Forgets what is in memory, not what is to be saved. reads: there may be rows in the store.
    enum class Rows { none, reads };
    void restart(Rows rows);
    /// The store may have other work than before.
    void want_work();

    /// Reads what is missing. In subject order (`subjects` not null) everything, else as much as has room.
    void advance(const RunnerKey& key, const StreamMoment& moment, const SubjectQueues* subjects);
    /// Loads bodies of events that are due.
    void load(const RunnerKey& key, const StreamMoment& moment);
    void on_work(const std::optional<StreamWork>& work, const StreamMoment& moment, SubjectQueues* subjects);
    /// Returns the rows whose events have expired; they go, and count.
    [[nodiscard]] std::vector<FailingEvent> on_found(std::optional<std::vector<EventPtr>> found,
                                                     const StreamMoment& moment);

    /// The event gets a row and no longer holds the cursor. One that has a row keeps it.
    void add(FailingEvent row, const StreamMoment& moment);
    /// The event is given up: its row says so, and nobody holds it in memory.
    void bury(FailingEvent row, const StreamMoment& moment);
    /// Its attempt failed; it waits until `due`.
    void fail(FailingWindow::Item& item, const DeliveryResult& result, TimePoint due,
              const StreamMoment& moment);
    /// Delivered: its row goes.
    void settle(EventId event);
    /// Expired before it was delivered: its row goes, and counts.
    void expire(EventId event);

    /// What has changed, into a save; on_saved() says how it ended.
    void take(StreamProgress& progress) { ledger_.take(progress); }
    void on_saved(bool is_saved);

    [[nodiscard]] FailingWindow& window() { return window_; }
    [[nodiscard]] const FailingWindow& window() const { return window_; }
    [[nodiscard]] bool wants_read() const { return wants_read_ && !is_reading_; }
    /// Every row that stood in the store is known (in subject order the log waits for this).
    [[nodiscard]] bool is_complete() const { return is_complete_; }
    /// How much of DeliveryWindow::kMaxSetAside is taken: what was read takes at most a part of it.
    [[nodiscard]] std::size_t weight() const;
    [[nodiscard]] std::optional<TimePoint> next_wake(const StreamMoment& moment) const;

  private:
    [[nodiscard]] bool may_read(const SubjectQueues* subjects) const;
    void take_row(const FailingEvent& row, const StreamMoment& moment, SubjectQueues* subjects);

    StreamHost& host_;
    FailingWindow window_;
    RowLedger ledger_;
    bool wants_read_ = false;
    bool is_reading_ = false;
    bool must_read_again_ = false;  // something changed while reading
    bool is_first_read_ = true;     // of this life
    bool is_complete_ = true;
    bool has_doubtful_deaths_ = false;  // whether they were stored was not learnt
    EventId read_after_;
    std::vector<Cursor> loading_;
    OutageBackoff backoff_;
    TimePoint not_before_ = TimePoint::min();
};

/// When `due` comes, on the calendar; and the other way round.
[[nodiscard]] Timestamp to_wall(std::chrono::steady_clock::time_point due, const StreamMoment& moment);
[[nodiscard]] std::chrono::steady_clock::time_point to_steady(Timestamp due, const StreamMoment& moment);

}  // namespace headwater
