#pragma once

#include <functional>
#include <mutex>
#include <vector>

namespace headwater {
class Registry;
class WorkPool;
}  // namespace headwater

namespace headwater::rest {

/// Brings the registry up to date when a type is missing. Any number of callers share one read of the
/// database at a time, and each gets a read that began after its call, so a flood of unknown types costs
/// little and a type registered a moment ago on another node is known. Thread-safe; outlives the pool's work.
class RegistryRefresher {
  public:
    /// Called once, from any thread; false when PostgreSQL is away or the pool is full.
    using Completion = std::move_only_function<void(bool is_fresh)>;

    RegistryRefresher(Registry& registry, WorkPool& readers) : registry_(registry), readers_(readers) {}
    void refresh(Completion done);

  private:
    void run();

    Registry& registry_;
    WorkPool& readers_;
    std::mutex mutex_;
    std::vector<Completion> waiting_;  // guarded by mutex_; one per request under way
    bool is_running_ = false;          // guarded by mutex_
};

}  // namespace headwater::rest
