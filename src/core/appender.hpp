#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <expected>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "core/errors.hpp"
#include "core/event_log.hpp"
#include "core/metrics.hpp"

namespace headwater {

class AppendRound;
class LogTail;
struct AppendRange;
struct AppendRequest;

/// Whether the log's disk has room for more.
enum class DiskState { roomy, full };

/// Takes events from every request, writes whatever has queued up in one commit, and answers all (group
/// commit). One thread owns the LogWriter. The queue is bounded in bytes: submit() refuses when it is full.
class Appender {
  public:
    /// One per event of the request, or why nothing is known to be stored (unavailable, overloaded).
    using Answer = std::expected<std::vector<Appended>, Refusal>;
    /// Called exactly once, on the appender's thread or (refused at once) on the caller's; must be quick and
    /// must not throw.
    using Completion = std::move_only_function<void(Answer)>;

    struct Options {
        std::size_t max_batch_events = 2000;
        std::size_t max_batch_bytes = 4 << 20;
        std::size_t max_queue_bytes = 64 << 20;
        std::chrono::milliseconds answer_deadline{
            10'000};                              ///< then 503: the outcome could not be learnt in time
        std::chrono::seconds max_clock_skew{60};  ///< between PostgreSQL and this node
    };

    Appender(LogWriter& writer, LogTail& tail, const Clock& clock, Metrics& metrics, Options options);
    ~Appender();
    Appender(const Appender&) = delete;
    Appender& operator=(const Appender&) = delete;

    /// Queues the events of one request; they are committed together, in order. With a request key they are
    /// appended all or none (see KeyedRequest), with one place for each item of the request.
    void submit(std::vector<NewEvent> events, Completion done,
                std::optional<IdempotencyKey> request_key = std::nullopt);

    /// Refuses new events, commits what was accepted (until the answer deadline) and joins. Idempotent.
    void stop();

    /// Compares PostgreSQL's clock with this node's: while they differ by more than max_clock_skew, events
    /// are refused.
    void observe_database_clock(Timestamp database_now);

    /// While the disk is full, events are refused: before PostgreSQL fails to write, so that reads go on.
    void observe_disk(DiskState state);

    /// Under which process number this appender's batches stand in the log. Random, fixed from construction
    /// on.
    [[nodiscard]] std::int64_t process() const { return process_; }

    /// Why events are refused now, in one sentence; nothing while all is well. Any thread.
    [[nodiscard]] std::optional<std::string> complaint() const;

  private:
    using Requests = std::vector<std::unique_ptr<AppendRequest>>;

    void run();
    [[nodiscard]] Requests take_requests();
    void commit(Requests requests);
    void append(AppendRound& round, AppendRange range);
    [[nodiscard]] std::optional<AppendResult> append_until_deadline(const AppendBatch& batch);
    [[nodiscard]] bool may_try_again(std::chrono::steady_clock::time_point deadline);
    void record(const AppendResult& result, std::size_t events, std::chrono::nanoseconds duration);

    LogWriter& writer_;
    LogTail& tail_;
    const Clock& clock_;
    Metrics& metrics_;
    const Options options_;
    const std::int64_t process_;
    std::int64_t last_number_ = 0;  // the appender's thread only
    std::atomic<bool> is_away_{false};
    std::atomic<bool> is_skewed_{false};
    std::atomic<DiskState> disk_{DiskState::roomy};
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::unique_ptr<AppendRequest>> queue_;  // guarded by mutex_
    std::size_t queued_bytes_ = 0;                      // guarded by mutex_
    bool is_stopping_ = false;                          // guarded by mutex_
    std::jthread thread_;
};

}  // namespace headwater
