#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/event.hpp"
#include "core/type_filter.hpp"

namespace headwater {

/// Feed readers that wait for the next event: a listener of the log tail wakes those whose filters match. A
/// waiter costs no thread and no query. Bounded; thread-safe; must outlive its waiters.
class FeedWaiters {
  public:
    struct Interest {
        TypeFilter types;
        std::optional<std::string> subject;
        EventId after;  ///< exclusive
    };

    /// One reader; it leaves when this goes. Wakes are kept: one that comes before wait() ends it at once.
    class Waiter {
      public:
        using Completion = std::move_only_function<void()>;

        Waiter(FeedWaiters& owner, Interest interest);
        ~Waiter();
        Waiter(const Waiter&) = delete;
        Waiter& operator=(const Waiter&) = delete;

        /// Calls `done` once: at the next wake, or at once after one that was not waited for. On any thread.
        void wait(Completion done);
        /// Ends the wait that is under way, or the next one.
        void wake();
        /// The node is stopping: nothing more will come.
        [[nodiscard]] bool is_over() const { return owner_.is_stopped_.load(std::memory_order_acquire); }

      private:
        friend class FeedWaiters;
        FeedWaiters& owner_;
        const Interest interest_;
        const std::string group_;
        std::mutex mutex_;
        Completion done_;        // guarded by mutex_
        bool is_awake_ = false;  // guarded by mutex_
    };

    explicit FeedWaiters(std::size_t most = 10'000) : most_(most) {}

    /// Nothing when there are as many already as there may be. What is committed from now on wakes it.
    [[nodiscard]] std::shared_ptr<Waiter> join(Interest interest);
    /// The tail's listener.
    void on_events(const EventBatch& events);
    /// Wakes all: something else than an event may end their wait.
    void wake_all();
    /// Wakes all, and whoever joins later at once.
    void stop();

  private:
    /// Waiters with the same types, which are looked at once for all of them.
    struct Group {
        TypeFilter types;
        std::map<Waiter*, std::weak_ptr<Waiter>> waiters;
    };
    void leave(Waiter& waiter);
    [[nodiscard]] std::vector<std::shared_ptr<Waiter>> find_matching(const std::vector<EventPtr>& events);

    const std::size_t most_;
    std::mutex mutex_;
    std::map<std::string, Group> groups_;  // guarded by mutex_; by the filter's text
    std::atomic<std::size_t> count_{0};
    std::atomic<bool> is_stopped_{false};
};

}  // namespace headwater
