#pragma once

#include "rest/asio.hpp"
#include "rest/request_context.hpp"
#include "rest/routes.hpp"

namespace headwater::rest {

/// Runs a route's handler and turns whatever it does into an answer: refusals and the core's exceptions into
/// problems, anything else into a 500 that says nothing. Never throws.
[[nodiscard]] Awaitable<Response> answer(const Route& route, RequestContext& request);

/// The last touches: conditions, CORS, gzip (large bodies on the reader pool).
[[nodiscard]] Awaitable<void> finish(RequestContext& request, Response& response);

}  // namespace headwater::rest
