#include "rest/handlers/handlers.hpp"
#include "rest/readiness.hpp"
#include "rest/request_context.hpp"
#include "rest/services.hpp"

namespace headwater::rest {

Awaitable<HandlerResult> get_health(RequestContext&) {
    Response response = json_response(200, R"({"status":"ok"})");
    response.set("Cache-Control", "no-store");
    co_return response;
}

Awaitable<HandlerResult> get_readiness(RequestContext& request) {
    const auto& readiness = request.services().readiness;
    co_return readiness_response(readiness ? readiness() : Readiness{});
}

}  // namespace headwater::rest
