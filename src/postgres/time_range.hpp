#pragma once

#include "core/time.hpp"

namespace headwater::postgres {

struct TimeRange {
    Timestamp from;     ///< inclusive; Timestamp::min(): without a beginning
    Timestamp through;  ///< inclusive; Timestamp::max(): without an end
};

}  // namespace headwater::postgres
