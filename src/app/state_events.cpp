#include "app/state_events.hpp"

#include <utility>
#include <vector>

namespace headwater::app {

AnnounceState announce_in_log(const Registry& registry, Appender& appender) {
    return [&registry, &appender](std::string payload, std::move_only_function<void(bool)> done) {
        NewEvent event;
        event.type = registry.view()->find_type("headwater:stream-state");
        if (!event.type) return done(true);
        event.payload = std::move(payload);
        std::vector<NewEvent> events;
        events.push_back(std::move(event));
        appender.submit(std::move(events), [done = std::move(done)](Appender::Answer answer) mutable {
            done(answer.has_value());
        });
    };
}

}  // namespace headwater::app
