#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "core/event_log.hpp"
#include "core/live_filter.hpp"
#include "core/position_times.hpp"
#include "core/work_pool.hpp"

namespace headwater {

/// Reads the log for subscribers that resume from further back than memory reaches. Thread-safe; the reads
/// run on the work pool, a few at a time, and the callers whose ranges overlap share their pages. Callbacks
/// run on a pool thread or, when nothing can be submitted, on the caller's; nothing (nullopt) means that the
/// log cannot be read now.
class LiveHistory {
  public:
    struct Options {
        std::size_t page_events = 500;
        std::size_t page_bytes = 256 << 10;
        std::size_t parallel_reads = 2;
        std::size_t shared_pages = 32;
        std::chrono::seconds shared_for{5};
    };
    /// Where `since` stands in the log.
    struct Start {
        Timestamp at;                  ///< a time not after the next event's created_at
        std::optional<Position> head;  ///< set when `since` lies above the head
    };
    /// The matching events of (after, upto], complete.
    struct Page {
        std::vector<EventPtr> events;
        Position upto;
        std::optional<Timestamp> at;  ///< of upto, where it is known
    };
    /// Runs work on a thread that may block; false when it cannot be taken (WorkPool::submit).
    using Submit = std::function<bool(WorkPool::Work)>;
    using OnStart = std::move_only_function<void(std::optional<Start>)>;
    using OnPage = std::move_only_function<void(std::optional<Page>)>;

    /// `tail` tells how far the log has certainly been seen; any thread may call it.
    LiveHistory(LogReader& reader, Submit submit, const Clock& clock, std::function<Position()> tail,
                const Options& options);

    void find_start(Position since, OnStart done);
    void read(LiveFilter filter, Position after, std::optional<Timestamp> at, OnPage done);

  private:
    using Job = std::move_only_function<void(bool can_run)>;
    struct SharedPage {
        std::string filter;
        Position after;
        std::chrono::steady_clock::time_point read_at;
        std::shared_ptr<const Page> page;
    };

    void enqueue(Job job);
    void start_jobs();
    void finish_job();
    [[nodiscard]] Start look_up(Position since);
    [[nodiscard]] Page read_page(const LiveFilter& filter, Position after, std::optional<Timestamp> at);
    [[nodiscard]] std::shared_ptr<const Page> find_shared(const LiveFilter& filter, Position after);
    void share(const LiveFilter& filter, Position after, std::shared_ptr<const Page> page);
    [[nodiscard]] Page rest_of(const Page& page, Position after) const;

    LogReader& reader_;
    const Submit submit_;
    const Clock& clock_;
    std::function<Position()> tail_;
    Options options_;
    PositionTimes times_;
    std::mutex mutex_;
    std::deque<Job> waiting_;       // guarded by mutex_; at most one per connection
    std::size_t running_ = 0;       // guarded by mutex_
    std::deque<SharedPage> pages_;  // guarded by mutex_
};

}  // namespace headwater
