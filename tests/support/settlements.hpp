#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "core/sink.hpp"

namespace headwater::testing {

/// An event as a sink gets it.
[[nodiscard]] inline EventPtr make_sink_event(std::int64_t id, const std::string& payload = "{\"n\":1}",
                                              const std::string& type = "sink:test") {
    return make_event({.id = EventId{id},
                       .created_at = Timestamp(std::chrono::seconds(1'700'000'000 + id)),
                       .type_id = TypeId{1},
                       .type = type,
                       .subject = std::nullopt,
                       .meta = {},
                       .payload = payload});
}

/// Takes down how deliveries were settled, and lets a test wait for it. Thread-safe; must outlive the
/// deliveries.
class Settlements {
  public:
    /// A delivery that reports here.
    [[nodiscard]] Delivery delivery_of(EventPtr event, int attempt = 1, ReplayId replay = {}) {
        const EventId id = event->id;
        return {.event = std::move(event),
                .attempt = attempt,
                .replay = replay,
                .settle = [this, id](DeliveryResult result) {
                    const std::lock_guard lock(mutex_);
                    results_.emplace_back(id, std::move(result));
                    changed_.notify_all();
                }};
    }

    /// False when fewer have been settled within the patience.
    [[nodiscard]] bool wait_for(std::size_t count,
                                std::chrono::milliseconds patience = std::chrono::seconds(20)) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, patience, [&] { return results_.size() >= count; });
    }
    [[nodiscard]] std::vector<std::pair<EventId, DeliveryResult>> all() const {
        const std::lock_guard lock(mutex_);
        return results_;
    }
    /// Delivers one event and waits for what becomes of it.
    [[nodiscard]] DeliveryResult try_one(Sink& sink, EventPtr event, std::string progress = {}) {
        const std::size_t before = all().size();
        Delivery delivery = delivery_of(std::move(event));
        delivery.progress = std::move(progress);
        sink.deliver(std::move(delivery));
        if (!wait_for(before + 1, std::chrono::seconds(30))) {
            return {.outcome = DeliveryResult::Outcome::unavailable,
                    .reason = "not settled",
                    .retry_after = {},
                    .response = {}};
        }
        return all().back().second;
    }

  private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::pair<EventId, DeliveryResult>> results_;  // guarded by mutex_
};

}  // namespace headwater::testing
