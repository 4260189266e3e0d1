#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace headwater {

/// A few named threads that run blocking work (database reads, lookups) so that io threads never wait. The
/// queue is bounded: submit() refuses when it is full, and the caller answers 503. The destructor finishes
/// what was accepted.
class WorkPool {
  public:
    using Work = std::move_only_function<void()>;

    WorkPool(std::string name, std::size_t threads, std::size_t max_queued);
    ~WorkPool();
    WorkPool(const WorkPool&) = delete;
    WorkPool& operator=(const WorkPool&) = delete;

    /// False when the queue is full or the pool is stopping; the work is then not run. Work must not throw.
    [[nodiscard]] bool submit(Work work);
    /// Refuses new work, finishes what was accepted and joins. Idempotent.
    void stop();

  private:
    void run();

    std::size_t max_queued_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Work> queue_;    // guarded by mutex_
    bool is_stopping_ = false;  // guarded by mutex_
    std::vector<std::jthread> threads_;
};

/// Names the calling thread (at most 15 characters) for debuggers and /proc.
void name_this_thread(const std::string& name);

}  // namespace headwater
