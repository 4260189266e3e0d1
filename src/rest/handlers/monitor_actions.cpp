#include "core/monitor_store.hpp"
#include "core/registry.hpp"
#include "rest/handlers/handlers.hpp"
#include "rest/json_object.hpp"
#include "rest/links.hpp"
#include "rest/monitor_view.hpp"
#include "rest/offload.hpp"
#include "rest/paging.hpp"
#include "rest/refusals.hpp"

namespace headwater::rest {
namespace {

std::unexpected<Refusal> no_such_monitor() {
    return refuse(Refusal::Kind::not_found, "There is no such monitor.");
}

HandlerResult set_paused(RequestContext& request, bool is_paused) {
    const auto id = parse_id<MonitorId>(request.path("monitor"));
    const auto monitor = id ? request.services().monitors->store.set_paused(*id, is_paused) : std::nullopt;
    if (!monitor) return no_such_monitor();
    return monitor_response(request, *request.services().registry.refresh(), *monitor);
}

HandlerResult rotate_key(RequestContext& request) {
    MonitorStore& store = request.services().monitors->store;
    const auto id = parse_id<MonitorId>(request.path("monitor"));
    const MonitorSecrets secrets{.key = make_monitor_key(), .by_stream = {}};
    if (!id || !store.set_key(*id, hash_of_monitor_key(secrets.key))) return no_such_monitor();
    const auto monitor = store.find(*id);
    if (!monitor) return no_such_monitor();
    return monitor_response(request, *request.services().registry.refresh(), *monitor, secrets);
}

HandlerResult list_flips(RequestContext& request) {
    const auto limit = read_limit(request.query);
    if (!limit) return std::unexpected(limit.error());
    MonitorStore& store = request.services().monitors->store;
    const auto id = parse_id<MonitorId>(request.path("monitor"));
    if (!id || !store.find(*id)) return no_such_monitor();
    Response response;
    JsonObject object(response.body);
    std::string& list = object.begin("flips");
    list += '[';
    for (const MonitorFlip& flip : store.flips(*id, *limit)) {
        if (list.back() != '[') list += ',';
        append_flip(list, request, flip);
    }
    list += ']';
    Links links;
    links.add("self", monitor_address(request, *id) + "/flips");
    links.add("monitor", monitor_address(request, *id));
    links.append_json(object.begin("links"));
    object.end();
    response.set("Cache-Control", "no-cache");
    return response;
}

}  // namespace

Awaitable<HandlerResult> pause_monitor(RequestContext& request) {
    auto work = [&request] { return set_paused(request, true); };
    co_return co_await offload(request, work);
}

Awaitable<HandlerResult> resume_monitor(RequestContext& request) {
    auto work = [&request] { return set_paused(request, false); };
    co_return co_await offload(request, work);
}

Awaitable<HandlerResult> rotate_monitor_key(RequestContext& request) {
    auto work = [&request] { return rotate_key(request); };
    co_return co_await offload(request, work);
}

Awaitable<HandlerResult> list_monitor_flips(RequestContext& request) {
    auto work = [&request] { return list_flips(request); };
    co_return co_await offload(request, work);
}

}  // namespace headwater::rest
