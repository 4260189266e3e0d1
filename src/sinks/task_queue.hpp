#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <future>
#include <mutex>
#include <utility>
#include <vector>

#include "sinks/wake_fd.hpp"

namespace headwater::sinks {

/// Names one open sink within the thread that carries out its deliveries.
enum class SinkKey : std::uint64_t {};

/// Hands deliveries to the one thread that carries them out, and wakes it. The queue is bounded by the
/// streams' windows. deliver() and close() may be called from any thread; take() is the owner's, which polls
/// wake_fd().
template <class Task>
class TaskQueue {
  public:
    /// A sink that ends: the owner settles everything of it, then says so.
    struct Closing {
        SinkKey sink;
        std::promise<void> done;
    };
    struct Work {
        std::deque<Task> tasks;
        std::vector<Closing> closings;
    };

    [[nodiscard]] SinkKey new_sink() { return SinkKey{next_sink_.fetch_add(1)}; }

    void deliver(Task task) {
        bool is_first = false;
        {
            const std::lock_guard lock(mutex_);
            is_first = !std::exchange(is_awake_, true);
            work_.tasks.push_back(std::move(task));
        }
        if (is_first) wake_.wake();
    }

    /// Waits until the owner has settled everything of this sink, a few seconds at most.
    void close(SinkKey sink) {
        std::future<void> done;
        {
            const std::lock_guard lock(mutex_);
            done = work_.closings.emplace_back(Closing{sink, {}}).done.get_future();
            is_awake_ = true;
        }
        wake_.wake();
        done.wait_for(kCloseLimit);
    }

    /// Ends the owner's wait without work: it is to stop.
    void wake() const { wake_.wake(); }
    [[nodiscard]] int wake_fd() const { return wake_.fd(); }

    [[nodiscard]] Work take() {
        const std::lock_guard lock(mutex_);
        if (std::exchange(is_awake_, false)) wake_.clear();
        return std::exchange(work_, {});
    }

  private:
    static constexpr std::chrono::seconds kCloseLimit{5};

    std::atomic<std::uint64_t> next_sink_{1};
    WakeFd wake_;
    std::mutex mutex_;
    Work work_;              // guarded by mutex_
    bool is_awake_ = false;  // guarded by mutex_: the owner has been woken and will take()
};

}  // namespace headwater::sinks
