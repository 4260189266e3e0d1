#pragma once

#include <expected>

#include "core/event_parser.hpp"
#include "rest/asio.hpp"
#include "rest/request_context.hpp"
#include "rest/response.hpp"

namespace headwater::rest {

/// Reads the events of a request's body, whatever they are written in: JSON, NDJSON, or CloudEvents in
/// structured, batch or binary mode (CloudEvents HTTP binding 1.0.2, section 3.1). Large bodies are read on
/// the reader pool. The events refer to the request's body. Otherwise the answer to give: 400, 413, 415 or
/// 422.
[[nodiscard]] Awaitable<std::expected<SentBody, Response>> read_sent_body(RequestContext& request);

}  // namespace headwater::rest
