#pragma once

#include <string>

#include "core/live_subscription.hpp"

namespace headwater::ws {

/// `{"cursor":"…","recovered":true,"gap":false}`: the first thing that a subscriber hears.
[[nodiscard]] inline std::string start_text(const LiveStart& start) {
    return "{\"cursor\":\"" + to_string(start.cursor) +
           "\",\"recovered\":" + (start.is_recovered ? "true" : "false") +
           ",\"gap\":" + (start.has_gap ? "true" : "false") + "}";
}

/// `{"cursor":"…"}`
[[nodiscard]] inline std::string cursor_text(Position cursor) {
    return "{\"cursor\":\"" + to_string(cursor) + "\"}";
}

}  // namespace headwater::ws
