#pragma once

#include <condition_variable>
#include <deque>
#include <expected>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "core/errors.hpp"
#include "core/monitor_store.hpp"

namespace headwater {

class MonitorMetrics;

/// Group commit for check-ins: one thread records whatever has queued up in one transaction, so that load
/// makes the batches larger and not the wait. The queue is bounded; submit() refuses when it is full.
class CheckInDesk {
  public:
    using Completion = std::move_only_function<void(std::expected<CheckInOutcome, Refusal>)>;  ///< once

    CheckInDesk(std::unique_ptr<CheckInWriter> writer, MonitorMetrics& metrics);
    ~CheckInDesk();
    CheckInDesk(const CheckInDesk&) = delete;
    CheckInDesk& operator=(const CheckInDesk&) = delete;

    void submit(const CheckIn& check_in, Completion done);
    /// Records what was accepted, and ends. Idempotent.
    void stop();

  private:
    static constexpr std::size_t kMaxQueued = 100'000;
    static constexpr std::size_t kMaxBatch = 2'000;

    struct Request {
        CheckIn check_in;
        Completion done;
    };
    void run();
    [[nodiscard]] std::vector<Request> take();
    void record(std::vector<Request>& batch);

    std::unique_ptr<CheckInWriter> writer_;
    MonitorMetrics& metrics_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Request> queue_;  // guarded by mutex_
    bool is_stopping_ = false;   // guarded by mutex_
    std::jthread thread_;
};

}  // namespace headwater
