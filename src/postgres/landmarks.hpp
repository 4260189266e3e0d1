#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "core/feed.hpp"
#include "postgres/event_query.hpp"

namespace headwater::postgres {

/// The oldest event in the scope with created_at at or after `begin`. Looks near `begin` first: the further a
/// read reaches, the more partitions PostgreSQL has to look into.
[[nodiscard]] std::optional<FeedLandmark> oldest_from(Connection& connection, EventScope scope,
                                                      Timestamp begin);

/// The newest event in the scope with created_at before `end`. Nothing older than `floor` is looked for.
[[nodiscard]] std::optional<FeedLandmark> newest_before(Connection& connection, EventScope scope,
                                                        Timestamp end, Timestamp floor);

/// The oldest retained event of some types, remembered: events come at the log's other end only, so what was
/// the oldest stays so until it expires, and from then on the oldest is a later one. Thread-safe.
class OldestEvent {
  public:
    [[nodiscard]] std::optional<FeedLandmark> find(Connection& connection, const TypeSelection& types);

  private:
    std::mutex mutex_;
    std::optional<FeedLandmark> known_;                  // guarded by mutex_
    std::chrono::steady_clock::time_point looked_at_{};  // guarded by mutex_
};

/// The newest event before the beginning of a slice, by filters and beginning, remembered: nothing is ever
/// stored in the past, so it stays the newest until it expires. Bounded; thread-safe.
class OlderEvents {
  public:
    using Look = std::function<std::optional<FeedLandmark>()>;

    /// `is_final`: nothing more can be stored before the query's `from`.
    [[nodiscard]] std::optional<FeedLandmark> find(const FeedQuery& query, bool is_final, const Look& look);

  private:
    std::mutex mutex_;
    std::unordered_map<std::string, std::optional<FeedLandmark>> known_;  // guarded by mutex_
};

}  // namespace headwater::postgres
