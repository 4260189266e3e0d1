#pragma once

#include <string>

#include "core/event.hpp"
#include "rest/request_context.hpp"

namespace headwater::rest {

/// `[{"id","name","state",…},…]`: what has become of an event on its way to each stream that wants it.
/// Blocking; throws Unavailable.
void append_deliveries(std::string& out, const RequestContext& request, const Event& event);

}  // namespace headwater::rest
