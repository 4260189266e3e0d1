#include "rest/handlers/handlers.hpp"
#include "rest/live_upgrade.hpp"

namespace headwater::rest {

Awaitable<HandlerResult> get_event_stream(RequestContext& request) {
    co_return go_live(request, LiveTakeover::Protocol::event_stream);
}

}  // namespace headwater::rest
