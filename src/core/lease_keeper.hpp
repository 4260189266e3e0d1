#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/lease_news.hpp"
#include "core/lease_store.hpp"
#include "core/time.hpp"

namespace headwater {

/// Keeps the process's lease: renews it every LeaseStore::kRenewal and at once on wake(), and gives up
/// streams on request, one call at a time on a thread of its own. Only brings news: the dispatcher itself
/// looks at the clock before it sends, since this thread may hang. Owned by the app; the store must outlive
/// it.
class LeaseKeeper {
  public:
    struct Callbacks {
        std::function<void(LeaseNews)> on_news;  ///< after each renewal, in order
        std::function<void(std::vector<StreamId>)> on_released;
    };
    static constexpr std::chrono::milliseconds kRetry{250};  ///< after a call that failed

    /// `process` as in the log's batches; `label` names the node to people.
    LeaseKeeper(LeaseStore& store, const Clock& clock, std::int64_t process, std::string label,
                Callbacks callbacks);
    ~LeaseKeeper();
    LeaseKeeper(const LeaseKeeper&) = delete;
    LeaseKeeper& operator=(const LeaseKeeper&) = delete;

    void start();
    /// There may be something to claim or to give up. Any thread.
    void wake();
    /// Gives these streams up, with what they have done to be saved a last time; until it has worked, or the
    /// lease is lost. Any thread.
    void release(StreamProgress stream);
    /// Gives up the lease, as far as PostgreSQL lets it, and joins. Idempotent.
    void stop();

  private:
    void run();
    /// False when the store is away.
    bool renew();
    bool release_all();
    [[nodiscard]] bool wait(std::chrono::milliseconds time);  // false when stopping

    LeaseStore& store_;
    const Clock& clock_;
    const std::int64_t process_;
    const std::string label_;
    const Callbacks callbacks_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<StreamProgress> releases_;  // guarded by mutex_
    bool is_woken_ = false;                 // guarded by mutex_
    bool is_stopping_ = false;              // guarded by mutex_
    std::vector<StreamProgress> releasing_;
    std::jthread thread_;
};

}  // namespace headwater
