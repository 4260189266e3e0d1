#pragma once

#include <chrono>

namespace headwater::sinks {

/// How long a broker may keep silent before it counts as away.
struct RabbitLimits {
    std::chrono::milliseconds confirm{20'000};  ///< from a publish to its confirm
    std::chrono::milliseconds publish{10'000};  ///< of a call that writes to the socket
    std::chrono::seconds heartbeat{10};  ///< between heartbeats; two that are missing end the connection
};

}  // namespace headwater::sinks
