#include <algorithm>
#include <utility>

#include "core/log.hpp"
#include "core/monitor_store.hpp"
#include "core/registry.hpp"
#include "rest/handlers/handlers.hpp"
#include "rest/json_object.hpp"
#include "rest/links.hpp"
#include "rest/monitor_notices.hpp"
#include "rest/offload.hpp"
#include "rest/paging.hpp"
#include "rest/refusals.hpp"
#include "rest/request_body.hpp"

namespace headwater::rest {
namespace {

constexpr int kTries = 3;

std::unexpected<Refusal> no_such_monitor() {
    return refuse(Refusal::Kind::not_found, "There is no such monitor.");
}

MonitorStore& store_of(const RequestContext& request) {
    return request.services().monitors->store;
}

std::optional<Monitor> find_monitor(const RequestContext& request) {
    const auto id = parse_id<MonitorId>(request.path("monitor"));
    return id ? store_of(request).find(*id) : std::nullopt;
}

/// Registers the streams and stores the monitor that names them. Once in a blue moon a stream that was found
/// goes before the monitor is there: then both once more.
template <class Store>
std::expected<Monitor, Refusal> store_with_notices(const RequestContext& request, ParsedMonitor& parsed,
                                                   const std::vector<StreamId>& present,
                                                   MonitorSecrets& secrets, const Store& store) {
    for (int tries = 1;; ++tries) {
        if (parsed.notify) {
            auto streams = register_notices(request.services(), *parsed.notify, present, secrets);
            if (!streams) return std::unexpected(std::move(streams.error()));
            parsed.definition.notices = std::move(*streams);
        }
        try {
            return store(parsed.definition);
        } catch (const DataRejected& error) {
            if (tries == kTries) throw;
            log::debug("monitor.stream_gone", {{"error", error.what()}});
        }
    }
}

HandlerResult create(RequestContext& request) {
    auto parsed = parse_monitor(request.body(), nullptr);
    if (!parsed) return std::unexpected(std::move(parsed.error()));
    MonitorSecrets secrets{.key = make_monitor_key(), .by_stream = {}};
    const auto stored =
        store_with_notices(request, *parsed, {}, secrets, [&](const MonitorDefinition& definition) {
            return store_of(request).create(definition, hash_of_monitor_key(secrets.key));
        });
    if (!stored) return std::unexpected(stored.error());
    Response response = monitor_response(request, *request.services().registry.view(), *stored, secrets);
    response.status = 201;
    response.set("Location", monitor_address(request, stored->id));
    return response;
}

enum class Change { whole, part };

HandlerResult change(RequestContext& request, Change extent) {
    const auto before = find_monitor(request);
    if (!before) return no_such_monitor();
    auto parsed = parse_monitor(request.body(), extent == Change::part ? &before->definition : nullptr);
    if (!parsed) return std::unexpected(std::move(parsed.error()));
    MonitorSecrets secrets;
    std::optional<Monitor> changed;
    const auto stored = store_with_notices(request, *parsed, before->definition.notices, secrets,
                                           [&](const MonitorDefinition& definition) {
                                               changed = store_of(request).change(before->id, definition);
                                               return changed.value_or(*before);
                                           });
    if (!stored) return std::unexpected(stored.error());
    drop_notices(request.services(), before->definition.notices);
    if (!changed) return no_such_monitor();
    return monitor_response(request, *request.services().registry.view(), *changed, secrets);
}

HandlerResult remove(RequestContext& request) {
    const auto monitor = find_monitor(request);
    if (!monitor || !store_of(request).remove(monitor->id)) return no_such_monitor();
    drop_notices(request.services(), monitor->definition.notices);
    return json_response(200, R"({"acknowledge":true})");
}

HandlerResult list_page(RequestContext& request) {
    const auto limit = read_limit(request.query);
    if (!limit) return std::unexpected(limit.error());
    const auto after = read_event_id(request.query, "after");
    if (!after) return std::unexpected(after.error());
    auto monitors = store_of(request).list(MonitorId{after->value_or(EventId{}).value}, *limit + 1);
    const bool has_more = monitors.size() > *limit;
    if (has_more) monitors.pop_back();
    const RegistryViewPtr registry = request.services().registry.refresh();
    Response response;
    JsonObject object(response.body);
    std::string& list = object.begin("monitors");
    list += '[';
    for (const Monitor& monitor : monitors) {
        if (list.back() != '[') list += ',';
        append_monitor(list, request, *registry, monitor);
    }
    list += ']';
    Links links;
    const std::string address = request.base_url + "/api/monitors";
    links.add("self", address);
    if (has_more) {
        links.add("more",
                  address + "?limit=" + std::to_string(*limit) + "&after=" + to_string(monitors.back().id));
    }
    links.append_json(object.begin("links"));
    object.end();
    response.set("Cache-Control", "no-cache");
    return response;
}

}  // namespace

Awaitable<HandlerResult> create_monitor(RequestContext& request) {
    auto body = co_await open_json_body(request);
    if (!body) co_return std::move(body.error());
    auto work = [&request] { return create(request); };
    co_return co_await offload(request, work);
}

Awaitable<HandlerResult> list_monitors(RequestContext& request) {
    auto work = [&request] { return list_page(request); };
    co_return co_await offload(request, work);
}

Awaitable<HandlerResult> get_monitor(RequestContext& request) {
    auto work = [&request]() -> HandlerResult {
        const auto monitor = find_monitor(request);
        if (!monitor) return no_such_monitor();
        return monitor_response(request, *request.services().registry.refresh(), *monitor);
    };
    co_return co_await offload(request, work);
}

Awaitable<HandlerResult> put_monitor(RequestContext& request) {
    auto body = co_await open_json_body(request);
    if (!body) co_return std::move(body.error());
    auto work = [&request] { return change(request, Change::whole); };
    co_return co_await offload(request, work);
}

Awaitable<HandlerResult> patch_monitor(RequestContext& request) {
    auto body = co_await open_json_body(request);
    if (!body) co_return std::move(body.error());
    auto work = [&request] { return change(request, Change::part); };
    co_return co_await offload(request, work);
}

Awaitable<HandlerResult> delete_monitor(RequestContext& request) {
    auto work = [&request] { return remove(request); };
    co_return co_await offload(request, work);
}

}  // namespace headwater::rest
