#include <string>

#include "rest/finishing.hpp"
#include "rest/handlers/handlers.hpp"
#include "rest/json_object.hpp"
#include "rest/links.hpp"
#include "rest/live_upgrade.hpp"
#include "rest/request_context.hpp"

namespace headwater::rest {
namespace {

constexpr std::string_view kFeedQuery = "{?types,subject,limit,order,after,before}";
constexpr std::string_view kClientFeedQuery = "{?types,subject,limit,order,after,before,processed}";
constexpr std::string_view kLiveQuery = "{?types,subject,since}";

std::string websocket_base(const std::string& base_url) {
    return "ws" + base_url.substr(std::string_view("http").size());
}

void add_feeds(Links& links, const std::string& events) {
    const std::string feed = events + "/feed";
    for (const std::string_view unit : {"minute", "hour", "day", "month"}) {
        links.add("feed", feed + "/" + std::string(unit) + "/current");
    }
    links.add_template("slice-feed", feed + "/{slice}/{at}" + std::string(kFeedQuery));
    links.add_template("client-feed", feed + "/{slice}/{at}/client/{client}" + std::string(kClientFeedQuery));
    links.add_template("range-feed", feed + "/{from}/to/{to}" + std::string(kFeedQuery));
    links.add_template("client-range-feed",
                       feed + "/{from}/to/{to}/client/{client}" + std::string(kClientFeedQuery));
}

Links entry_links(const RequestContext& request) {
    const std::string& base = request.base_url;
    const std::string events = base + "/api/events";
    Links links;
    links.add("self", events + "/");
    links.add("register", events + "/register");
    links.add("send", events + "/send");
    links.add("streams", base + "/api/streams");
    links.add("service-desc", base + "/openapi.yaml");
    links.add("health", base + "/healthz");
    links.add("readiness", base + "/readyz");
    links.add_template("event-type", events + "/register/{type}");
    links.add_template("stream", base + "/api/streams/{stream}");
    links.add_template("event", events + "/{id}");
    add_feeds(links, events);
    links.add_template("mark-processed", events + "/{id}/ok/{client}");
    links.add_template("mark-many-processed", events + "/ok/{client}");
    links.add_template("client", base + "/api/clients/{client}");
    links.add_template("live", websocket_base(base) + "/api/events/" + std::string(kLiveQuery));
    links.add_template("live-stream", events + "/stream{?types,subject,since,named}");
    return links;
}

Response entry_document(const RequestContext& request) {
    Response response;
    JsonObject object(response.body);
    object.text("name", "headwater");
    entry_links(request).append_json(object.begin("links"));
    object.end();
    response.set("ETag", entity_tag_of(response.body));
    response.set("Cache-Control", "no-cache");
    response.set("Vary", "Accept");
    return response;
}

}  // namespace

Awaitable<HandlerResult> get_entry(RequestContext& request) {
    if (wants_websocket(request)) co_return go_live(request, LiveTakeover::Protocol::websocket);
    if (wants_event_stream(request)) co_return go_live(request, LiveTakeover::Protocol::event_stream);
    co_return entry_document(request);
}

}  // namespace headwater::rest
