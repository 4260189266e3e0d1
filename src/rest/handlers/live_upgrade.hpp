#pragma once

#include "rest/request_context.hpp"
#include "rest/routes.hpp"

namespace headwater::rest {

[[nodiscard]] bool wants_websocket(const RequestContext& request);
/// True when Accept names text/event-stream itself.
[[nodiscard]] bool wants_event_stream(const RequestContext& request);

/// Checks a request for live events and answers with the takeover, or with what is wrong with it.
[[nodiscard]] HandlerResult upgrade_to_websocket(const RequestContext& request);
[[nodiscard]] HandlerResult turn_into_event_stream(const RequestContext& request);

}  // namespace headwater::rest
