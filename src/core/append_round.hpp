#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "core/appender.hpp"
#include "core/log_tail.hpp"

namespace headwater {

/// The events of one request while they wait in the appender's queue.
struct AppendRequest {
    AppendRequest(std::vector<NewEvent> e, Appender::Completion d);

    std::vector<NewEvent> events;
    Appender::Completion done;
    std::size_t bytes = 0;  ///< what it counts for in the queue
};

/// The requests that are committed together, seen as one list of events. Belongs to the appender's thread.
/// Two events with a key in common never go into the same transaction: the later one goes into a following
/// pass, where PostgreSQL sees the first and tells a duplicate from a conflict.
class AppendRound {
  public:
    explicit AppendRound(std::vector<std::unique_ptr<AppendRequest>> requests);

    /// The indexes of the events of each pass, in order; the first pass is all there is unless keys repeat.
    [[nodiscard]] std::vector<std::vector<std::size_t>> passes() const;

    [[nodiscard]] const NewEvent& event(std::size_t index) const { return *events_[index]; }
    void set_rejected(std::size_t index) { outcomes_[index] = Appended{Appended::Outcome::rejected, {}, {}}; }

    /// Answers every request: unavailable for those of which an event has no outcome.
    void answer();

    /// Notes that the events of `indexes` were committed with this result.
    void add_commit(std::vector<std::size_t> indexes, AppendResult result);
    /// After answer(): what was committed, in order, with the events moved out, for the tail to hand on.
    [[nodiscard]] std::vector<LogTail::Commit> release_commits();

  private:
    std::vector<std::unique_ptr<AppendRequest>> requests_;
    struct Committed {
        std::vector<std::size_t> indexes;
        AppendResult result;
    };
    std::vector<NewEvent*> events_;
    std::vector<std::optional<Appended>> outcomes_;
    std::vector<Committed> commits_;
};

}  // namespace headwater
