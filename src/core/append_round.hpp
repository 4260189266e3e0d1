#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "core/appender.hpp"
#include "core/log_tail.hpp"

namespace headwater {

/// The events of one request while they wait in the appender's queue.
struct AppendRequest {
    AppendRequest(std::vector<NewEvent> e, Appender::Completion d, std::optional<IdempotencyKey> k);

    std::vector<NewEvent> events;
    Appender::Completion done;
    std::optional<IdempotencyKey> key;  ///< of the whole request
    std::size_t bytes = 0;              ///< what it counts for in the queue
};

/// The events from index `begin` up to, but not including, `end`.
struct AppendRange {
    std::size_t begin = 0;
    std::size_t end = 0;
};

/// The requests that are committed together, seen as one list of events. Belongs to the appender's thread.
/// The events of a request with a key are never parted.
class AppendRound {
  public:
    explicit AppendRound(std::vector<std::unique_ptr<AppendRequest>> requests);

    [[nodiscard]] AppendRange all() const { return {0, events_.size()}; }
    [[nodiscard]] std::span<const NewEvent* const> events(AppendRange range) const;
    /// Those that have a key, with their places within the range.
    [[nodiscard]] std::vector<KeyedRequest> keyed_requests(AppendRange range) const;
    /// Nothing when the range is one event or one request with a key.
    [[nodiscard]] std::optional<std::pair<AppendRange, AppendRange>> halve(AppendRange range) const;

    void reject(AppendRange range);
    /// Notes that the events of the range were committed with this result.
    void add_commit(AppendRange range, AppendResult result);

    /// Once all is noted: answers every request, unavailable for those of which an event has no outcome.
    void answer();
    /// After answer(): what was committed, in order, with the events moved out, for the tail to hand on.
    [[nodiscard]] std::vector<LogTail::Commit> release_commits();

  private:
    struct Committed {
        AppendRange range;
        AppendResult result;
    };
    std::vector<std::unique_ptr<AppendRequest>> requests_;
    std::vector<NewEvent*> events_;
    std::vector<KeyedRequest> keyed_;  // in the order of their events
    std::vector<std::optional<Appended>> outcomes_;
    std::vector<Committed> commits_;
};

}  // namespace headwater
