#pragma once

#include "rest/live_handover.hpp"
#include "ws/arrival.hpp"

namespace headwater::app {

/// What the HTTP server hands on, as the server of live connections takes it.
[[nodiscard]] ws::Arrival to_arrival(rest::LiveConnection connection);

}  // namespace headwater::app
