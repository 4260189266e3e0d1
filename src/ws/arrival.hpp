#pragma once

#include <string>

#include "core/connection_limits.hpp"
#include "core/live_request.hpp"
#include "transport/connection.hpp"
#include "ws/websocket_handshake.hpp"

namespace headwater::ws {

/// A connection whose request was found valid; nothing was answered yet.
struct Arrival {
    transport::Connection connection;
    HttpRequest request;
    LiveRequest live;
    std::string request_id;
    std::string head_fields{};        ///< further lines of the answer's head, each with its line end
    std::string early{};              ///< what was read behind the request
    ConnectionLimits::Place place{};  ///< beyond the limits it is told so and ended
};

}  // namespace headwater::ws
