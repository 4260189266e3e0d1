#pragma once

#include <string>
#include <string_view>

#include "core/stream.hpp"
#include "rest/request_context.hpp"
#include "rest/stream_figures.hpp"

namespace headwater::rest {

/// A stream as clients see it: its definition without secrets, and how it stands. `shown_once`: members that
/// only this answer has.
void append_stream(std::string& out, const RequestContext& request, const Stream& stream,
                   const StreamFigures& figures, std::string_view shown_once = "");

/// `[{"id","name","lag"},…]` for streams that are gone. Blocking; throws Unavailable.
void append_removed_streams(std::string& out, const RequestContext& request,
                            const std::vector<Stream>& removed);

}  // namespace headwater::rest
