#pragma once

#include <chrono>

#include "core/lease_store.hpp"

namespace headwater {

/// What a renewal of the process's lease has brought.
struct LeaseNews {
    LeaseRenewal renewal;
    std::chrono::steady_clock::time_point valid_until;  ///< from then on nothing may be sent, unless renewed
};

}  // namespace headwater
