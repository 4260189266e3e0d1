#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "core/delivery_store.hpp"
#include "core/event.hpp"

namespace headwater {

/// Gathers events that follow one another and have all expired before they could be sent. Owned by a
/// FlowLane.
class ExpiredRuns {
  public:
    /// The next event, in log order.
    void add(const Event& event);
    /// Something else comes next: what follows is another run.
    void cut() { is_open_ = false; }
    [[nodiscard]] std::vector<ExpiredRun> take();

  private:
    std::vector<ExpiredRun> runs_;
    bool is_open_ = false;
};

/// What a stream has lost because it expired before it was delivered, until that is saved. A run is saved
/// with the first cursor that has passed it, and comes again with each save until one has succeeded; the
/// store counts it only when its own cursor had not passed it, so never twice. Owned by a StreamRunner; one
/// thread.
class ExpiryTally {
  public:
    void add(std::vector<ExpiredRun> runs);
    void add(const Event& event);
    /// The stream begins anew behind this position: what was met above it will be met again.
    void restart(Position from);

    void take(StreamProgress& progress);
    void on_saved(bool is_saved);

  private:
    void pass(Position cursor);

    std::map<EventId, ExpiredRun> ahead_;  // of the cursor, by their last event
    std::vector<ExpiredRun> passed_;       // not known to be saved
    std::size_t saving_ = 0;               // the first of them, taken by a save
};

}  // namespace headwater
