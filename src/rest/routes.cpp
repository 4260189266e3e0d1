#include "rest/routes.hpp"

#include <array>

#include "rest/handlers/handlers.hpp"

namespace headwater::rest {
namespace {

constexpr std::string_view kJson = "application/json";

constexpr std::array kRoutes{
    Route{Method::post, "/api/events/send", "events.send", Scope::send, BodyRule::events, kJson, send_events},
    Route{Method::get, "/healthz", "health", Scope::none, BodyRule::none, kJson, get_health},
    Route{Method::get, "/readyz", "readiness", Scope::none, BodyRule::none, kJson, get_readiness},
    Route{Method::get, "/openapi.yaml", "openapi", Scope::none, BodyRule::none, "", get_openapi},
};

}  // namespace

std::span<const Route> routes() {
    return kRoutes;
}

}  // namespace headwater::rest
