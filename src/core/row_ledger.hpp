#pragma once

#include <map>
#include <set>
#include <unordered_set>
#include <vector>

#include "core/delivery_store.hpp"

namespace headwater {

/// The changes to a stream's failing rows that are not stored yet. They go out with the cursor in one save,
/// so an event whose row is in here no longer holds the cursor. Outlives the runner's lives: a pause loses
/// nothing. Owned by a FailingLane; one thread.
class RowLedger {
  public:
    /// The event has this row from now on.
    void write(FailingEvent row);
    /// The event has no row any more.
    void settle(EventId event);
    /// The same, because the event has expired.
    void expire(EventId event);

    /// Moves all that there is into a save; on_saved() says how it ended.
    void take(StreamProgress& progress);
    /// What was taken is stored, or (not) comes again with the next save, as far as nothing newer took its
    /// place.
    void on_saved(bool is_saved);
    [[nodiscard]] bool is_saving_deaths() const;
    /// True when everything is stored.
    [[nodiscard]] bool is_clean() const {
        return written_.empty() && settled_.empty() && saving_written_.empty() && saving_settled_.empty();
    }

    /// A read of the stored rows begins: what leaves the rows from here on may still stand in it.
    void begin_read();
    void end_read();
    /// The event was no longer failing at some moment since that read began.
    [[nodiscard]] bool has_left_since_read(EventId event) const { return left_.contains(event); }

  private:
    std::map<EventId, FailingEvent> written_;
    std::set<EventId> settled_;
    std::set<EventId> expired_;  // of those that are settled and not known to be stored
    std::vector<FailingEvent> saving_written_;
    std::vector<EventId> saving_settled_;
    bool is_reading_ = false;
    std::unordered_set<EventId> left_;  // while reading
};

}  // namespace headwater
