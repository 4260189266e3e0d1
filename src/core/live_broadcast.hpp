#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

#include "core/recent_events.hpp"

namespace headwater {

/// Carries batches from the log's tail to the shards: one writer, and one reader for each shard. What a
/// joined reader has not taken yet is kept up to `waiting`; a reader further behind is overrun and has to
/// read the log. Thread-safe.
class LiveBroadcast {
  public:
    struct Options {
        RecentEvents::Bounds recent;  ///< kept for short resumes
        RecentEvents::Bounds waiting{.bytes = 64 << 20, .events = 262'144};
    };

    explicit LiveBroadcast(const Options& options) : options_(options) {}

    /// Before the first publish. `wake` is called on the publisher's thread, once for all that has come since
    /// the last catch_up.
    [[nodiscard]] std::size_t add_reader(std::function<void()> wake);
    /// Where the log stood when the tail began; without effect once something was published.
    void begin_at(Position head, std::optional<Timestamp> at);
    void publish(const EventBatch& events, Position position);

    /// From now on the reader is woken, and what it has not taken is kept. Returns what is there.
    [[nodiscard]] RecentEvents join(std::size_t reader);
    void leave(std::size_t reader);
    /// Adds what was published since. False when the reader was overrun: `recent` then begins anew, and what
    /// lies between its old end and its new floor is only in the log.
    [[nodiscard]] bool catch_up(std::size_t reader, RecentEvents& recent);

    /// Everything at or below has been published.
    [[nodiscard]] Position position() const { return Position{position_.load(std::memory_order_acquire)}; }

  private:
    struct Reader {
        std::function<void()> wake;
        bool is_joined = false;
        bool is_woken = false;
        std::uint64_t next = 0;  ///< the number of the first entry that it has not taken
    };
    void trim();

    const Options options_;
    std::mutex mutex_;
    RecentEvents recent_;          // guarded by mutex_
    std::vector<Reader> readers_;  // guarded by mutex_, but for `wake`
    std::atomic<std::int64_t> position_{0};
};

}  // namespace headwater
