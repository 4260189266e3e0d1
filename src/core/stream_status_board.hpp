#pragma once

#include <mutex>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>

#include "core/stream_status.hpp"

namespace headwater {

/// The last known status of each stream, written by the dispatcher and read by anybody. Thread-safe.
class StreamStatusBoard {
  public:
    using Entry = std::pair<StreamId, StreamStatus>;

    /// What changed in one round; `tail` is the cursor of every idle stream.
    void update(std::span<Entry> entries, Cursor tail);
    void remove(StreamId stream);
    [[nodiscard]] std::optional<StreamStatus> find(StreamId stream) const;

  private:
    mutable std::mutex mutex_;
    std::unordered_map<StreamId, StreamStatus> statuses_;  // guarded by mutex_
    Cursor tail_;                                          // guarded by mutex_
};

}  // namespace headwater
