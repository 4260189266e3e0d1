#pragma once

#include <optional>
#include <set>
#include <string>
#include <unordered_map>

#include "core/ids.hpp"

namespace headwater {

/// Who of each subject may go on: one event at a time, the lowest first; the others are held. Owned by a
/// runner of a stream in subject order; one thread.
class SubjectQueues {
  public:
    /// True when the event must be held behind another of its subject.
    [[nodiscard]] bool enter(const std::string& subject, EventId event);
    /// The event is done with, wherever it stood; the one that may go on now, if there is one.
    [[nodiscard]] std::optional<EventId> leave(const std::string& subject, EventId event);
    /// The event of this subject that the others are held behind.
    [[nodiscard]] std::optional<EventId> current(const std::string& subject) const;

  private:
    struct Queue {
        EventId current;
        std::set<EventId> held;
    };
    std::unordered_map<std::string, Queue> queues_;
};

}  // namespace headwater
