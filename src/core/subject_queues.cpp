#include "core/subject_queues.hpp"

namespace headwater {

bool SubjectQueues::enter(const std::string& subject, EventId event) {
    const auto [found, is_first] = queues_.try_emplace(subject, Queue{event, {}});
    if (is_first || found->second.current == event) return false;
    found->second.held.insert(event);
    return true;
}

std::optional<EventId> SubjectQueues::leave(const std::string& subject, EventId event) {
    const auto found = queues_.find(subject);
    if (found == queues_.end()) return std::nullopt;
    Queue& queue = found->second;
    if (queue.current != event) {
        queue.held.erase(event);
        return std::nullopt;
    }
    if (queue.held.empty()) {
        queues_.erase(found);
        return std::nullopt;
    }
    queue.current = *queue.held.begin();
    queue.held.erase(queue.held.begin());
    return queue.current;
}

std::optional<EventId> SubjectQueues::current(const std::string& subject) const {
    const auto found = queues_.find(subject);
    if (found == queues_.end()) return std::nullopt;
    return found->second.current;
}

}  // namespace headwater
