#pragma once

#include "rest/request_context.hpp"
#include "rest/response.hpp"
#include "rest/routes.hpp"

namespace headwater::rest {

/// The request asks for a WebSocket (RFC 6455 section 4.1).
[[nodiscard]] bool wants_websocket(const RequestContext& request);
/// The request's Accept header names text/event-stream itself, not by a wildcard.
[[nodiscard]] bool wants_event_stream(const RequestContext& request);

/// It will be a live connection, if nothing is wrong with it.
[[nodiscard]] bool asks_for_live(const Route& route, const RequestContext& request);

/// Hands the connection over to the live server, once everything about the request is right: filters, cursor
/// (400), Origin (403) and, for a WebSocket, the handshake (400, 426).
[[nodiscard]] HandlerResult go_live(const RequestContext& request, LiveTakeover::Protocol protocol);

/// The same for an event stream whose content somebody else has decided on: reads `named`, and the cursor
/// unless it is there already.
[[nodiscard]] HandlerResult go_live_with(const RequestContext& request, LiveRequest live);

}  // namespace headwater::rest
