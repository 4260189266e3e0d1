#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <expected>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include "core/errors.hpp"
#include "core/event_log.hpp"
#include "core/metrics.hpp"

namespace headwater {

class LogTail;

/// Takes events from every request, writes whatever has queued up in one commit, and answers all (group commit). One thread owns
/// the LogWriter. The queue is bounded in bytes: submit() refuses when it is full.
class Appender {
  public:
    /// One per event of the request, or why nothing is known to be stored (unavailable, overloaded).
    using Answer = std::expected<std::vector<Appended>, Refusal>;
    /// Called exactly once on the appender's thread; must be quick (post elsewhere) and must not throw.
    using Completion = std::move_only_function<void(Answer)>;

    struct Options {
        std::size_t max_batch_events = 2000;
        std::size_t max_batch_bytes = 4 << 20;
        std::size_t max_queue_bytes = 64 << 20;
        std::chrono::milliseconds answer_deadline{10'000};  ///< then 503: the outcome could not be learnt in time
        std::chrono::seconds max_clock_skew{60};            ///< between PostgreSQL and this node
    };

    Appender(LogWriter& writer, LogTail& tail, const Clock& clock, Metrics& metrics, Options options);
    ~Appender();
    Appender(const Appender&) = delete;
    Appender& operator=(const Appender&) = delete;

    /// Queues the events of one request; they are committed together, in order. When it refuses, `done` is called at once, on this thread.
    void submit(std::vector<NewEvent> events, Completion done);

    /// Refuses new events, commits what was accepted (until the answer deadline) and joins. Idempotent.
    void stop();

    /// True while the last append reached PostgreSQL and the clocks agreed.
    [[nodiscard]] bool is_healthy() const;

  private:
    struct Request;
    class Round;
    void run(const std::stop_token& stop);

    LogWriter& writer_;
    LogTail& tail_;
    const Clock& clock_;
    Metrics& metrics_;
    Options options_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::deque<std::unique_ptr<Request>> queue_;  // guarded by mutex_
    std::size_t queued_bytes_ = 0;                // guarded by mutex_
    bool is_stopping_ = false;                    // guarded by mutex_
    std::jthread thread_;
};

}  // namespace headwater
