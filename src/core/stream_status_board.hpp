#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <span>
#include <unordered_map>

#include "core/rate_meter.hpp"
#include "core/stream_status.hpp"

namespace headwater {

/// The last known status of each stream, written by the dispatcher and read by anybody. Thread-safe.
class StreamStatusBoard {
  public:
    struct Entry {
        StreamId stream;
        StreamStatus status;
        RateMeter rate;
    };

    /// What changed in one round; `tail` is the cursor of every idle stream.
    void update(std::span<Entry> entries, Cursor tail);
    void remove(StreamId stream);
    [[nodiscard]] std::optional<StreamStatus> find(StreamId stream,
                                                   std::chrono::steady_clock::time_point now) const;

  private:
    mutable std::mutex mutex_;
    std::unordered_map<StreamId, Entry> entries_;  // guarded by mutex_
    Cursor tail_;                                  // guarded by mutex_
};

}  // namespace headwater
