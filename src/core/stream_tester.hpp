#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "core/errors.hpp"
#include "core/sink.hpp"
#include "core/work_pool.hpp"

namespace headwater {

/// Sends single test events to the destinations of streams, past the log and past what the streams are doing:
/// each over a sink of its own. Owned by the app; thread-safe, never blocks the caller. The pool must be
/// stopped before it is destroyed.
class StreamTester {
  public:
    using Outcome = std::expected<DeliveryResult, Refusal>;
    /// Called once, from any thread.
    using Done = std::move_only_function<void(Outcome)>;
    static constexpr std::size_t kMaxRunning = 64;

    /// `pool` opens and closes the sinks.
    StreamTester(const SinkTypes& types, WorkPool& pool) : types_(types), pool_(pool) {}
    ~StreamTester() { stop(); }
    StreamTester(const StreamTester&) = delete;
    StreamTester& operator=(const StreamTester&) = delete;

    /// Refuses as overloaded when kMaxRunning are under way or the pool is full. Takes as long as the
    /// destination's own limits allow.
    void test(const Stream& stream, EventPtr event, Done done);
    /// Settles what is under way as unavailable and refuses what comes.
    void stop();

  private:
    using Number = std::uint64_t;

    [[nodiscard]] Number begin();
    void run(Number number, const Stream& stream, EventPtr event, const std::shared_ptr<Done>& done);
    void end(Number number);
    void close_ended();

    const SinkTypes& types_;
    WorkPool& pool_;
    std::mutex mutex_;
    std::unordered_map<Number, std::shared_ptr<Sink>> running_;  // guarded by mutex_; null: not open yet
    std::vector<Number> ended_;                                  // guarded by mutex_; not closed yet
    Number last_ = 0;                                            // guarded by mutex_
    bool is_stopped_ = false;                                    // guarded by mutex_
};

/// What a test sends: `headwater:test`, with id 0, which no event of the log has.
[[nodiscard]] EventPtr make_test_event(const Stream& stream, Timestamp now);

}  // namespace headwater
