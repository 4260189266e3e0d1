#pragma once

#include <optional>
#include <string>

#include "core/ids.hpp"
#include "core/type_filter.hpp"

namespace headwater {

/// What a live subscriber asked for when it connected.
struct LiveRequest {
    TypeFilter types;
    std::optional<std::string> subject;
    std::optional<Position> since;  ///< resume after this position; 0 for `since=beginning`; unset: from now
    bool is_named = false;          ///< SSE: `event: {type}` on each message
};

}  // namespace headwater
