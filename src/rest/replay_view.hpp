#pragma once

#include <string>

#include "core/delivery_store.hpp"
#include "rest/request_context.hpp"

namespace headwater::rest {

[[nodiscard]] std::string replays_address(const RequestContext& request, StreamId stream);
[[nodiscard]] std::string replay_address(const RequestContext& request, const Replay& replay);

/// A replay with its progress as clients see it. Blocking, since it may count; throws Unavailable.
void append_replay(std::string& out, const RequestContext& request, const Stream& stream,
                   const Replay& replay);

}  // namespace headwater::rest
