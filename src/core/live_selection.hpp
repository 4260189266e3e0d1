#pragma once

#include <functional>

#include "core/event.hpp"
#include "core/live_filter.hpp"

namespace headwater {

/// What a subscriber wants who goes by no filter: a set of places of the log (a type and a subject each) that
/// changes while it is connected, and a last word on each event. Lives as long as its LiveSubscription, on
/// the shard's thread only; whoever changes the set tells the subscription.
class LiveSelection {
  public:
    virtual ~LiveSelection() = default;
    /// The event stands at one of the places, and admits() it.
    [[nodiscard]] virtual bool matches(const Event& event) const = 0;
    /// The last word on an event that stands at one of the places.
    [[nodiscard]] virtual bool admits(const Event& event) const = 0;
    /// A filter for each place: one exact type, one subject.
    virtual void for_each_place(const std::function<void(const LiveFilter&)>& visit) const = 0;
    /// Lets through at least what matches: narrows a read of the log.
    [[nodiscard]] virtual LiveFilter to_filter() const = 0;
};

}  // namespace headwater
