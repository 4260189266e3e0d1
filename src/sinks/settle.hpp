#pragma once

#include <string>
#include <utility>

#include "core/sink.hpp"

namespace headwater::sinks {

inline constexpr const char* kSinkClosed = "The stream was closed.";

/// Settles a delivery that was given up before there was an outcome: no attempt.
inline void settle_unavailable(Delivery& delivery, std::string reason) {
    DeliveryResult result;
    result.outcome = DeliveryResult::Outcome::unavailable;
    result.reason = std::move(reason);
    delivery.settle(std::move(result));
}

}  // namespace headwater::sinks
