#pragma once

#include <mutex>
#include <optional>

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
    std::optional<FeedLandmark> known_;  // guarded by mutex_
};

}  // namespace headwater::postgres
