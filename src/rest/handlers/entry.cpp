#include "rest/handlers/handlers.hpp"
#include "rest/handlers/live_upgrade.hpp"
#include "rest/json_object.hpp"
#include "rest/links.hpp"

namespace headwater::rest {
namespace {

Response entry_document(const RequestContext& request) {
    const std::string api = request.base_url + "/api";
    Links links;
    links.add("self", api + "/events/");
    links.add("send", api + "/events/send");
    links.add("register", api + "/events/register");
    links.add("streams", api + "/streams");
    links.add("live", api + "/events/stream");
    links.add("feed", api + "/events/feed/hour/current");
    links.add("describedby", request.base_url + "/openapi.yaml");
    links.add("health", request.base_url + "/healthz");
    links.add("readiness", request.base_url + "/readyz");
    links.add_template("feed-slice",
                       api + "/events/feed/{slice}/{at}{?types,subject,limit,order,after,before}");
    links.add_template(
        "feed-client",
        api + "/events/feed/{slice}/{at}/client/{client}{?types,subject,limit,order,after,before,processed}");
    links.add_template("feed-range",
                       api + "/events/feed/{from}/to/{to}{?types,subject,limit,order,after,before}");
    links.add_template("event", api + "/events/{id}");
    links.add_template("event-type", api + "/events/register/{type}");
    links.add_template("stream", api + "/streams/{stream}");
    links.add_template("mark-processed", api + "/events/{id}/ok/{client}");
    links.add_template("mark-many-processed", api + "/events/ok/{client}");
    links.add_template("client", api + "/clients/{client}");
    links.add_template("live-filtered", api + "/events/stream{?types,subject,since,named}");
    Response response;
    JsonObject object(response.body);
    object.text("name", "headwater");
    links.append_json(object.begin("links"));
    object.end();
    response.set("Cache-Control", "no-cache");
    response.set("Vary", "Accept, Upgrade");
    return response;
}

}  // namespace

Awaitable<HandlerResult> get_entry(RequestContext& request) {
    if (wants_websocket(request)) co_return upgrade_to_websocket(request);
    if (wants_event_stream(request)) co_return turn_into_event_stream(request);
    co_return entry_document(request);
}

}  // namespace headwater::rest
