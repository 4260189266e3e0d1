#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "core/registry.hpp"
#include "core/room.hpp"
#include "rest/handlers/handlers.hpp"
#include "rest/handlers/registry_change.hpp"
#include "rest/handlers/type_view.hpp"
#include "rest/json_body.hpp"
#include "rest/json_object.hpp"
#include "rest/offload.hpp"
#include "rest/paging.hpp"
#include "rest/preconditions.hpp"
#include "rest/refusals.hpp"
#include "rest/registration_body.hpp"
#include "rest/request_body.hpp"

namespace headwater::rest {
namespace {

std::unexpected<Refusal> no_such_type() {
    return refuse(Refusal::Kind::not_found, "This event type is not registered.");
}

std::unexpected<Refusal> not_this_type() {
    return refuse(Refusal::Kind::forbidden, "This key does not allow registering this type.");
}

bool may_register(const RequestContext& request, std::string_view type) {
    return request.caller().may(Scope::register_, type);
}

/// The type that a registration names, as far as it can be read.
std::optional<std::string> named_type(std::string_view body) {
    const auto members = JsonMembers::read(body, {});
    const auto type = members ? members->find("type") : std::nullopt;
    return type ? json_string(*type) : std::nullopt;
}

/// Open feeds rely on them. Streams they may have like any other.
std::unexpected<Refusal> owned_type() {
    return refuse(Refusal::Kind::reserved_type,
                  "This type belongs to a namespace of rooms: change or remove the namespace.");
}

std::expected<void, Refusal> check_not_owned(const Registration& registration) {
    const bool is_streams_only = !registration.retention && !registration.schema_text;
    if (!is_streams_only && is_room_owned_type(registration.type)) return owned_type();
    return {};
}

HandlerResult put_registration(RequestContext& request) {
    // Before its destinations are looked at.
    if (const auto type = named_type(request.body()); type && !may_register(request, *type))
        return not_this_type();
    const Services& services = request.services();
    auto parsed = parse_registration(request.body(), services.sinks, *services.registry.refresh());
    if (!parsed) return std::unexpected(std::move(parsed.error()));
    if (auto free = check_not_owned(parsed->registration); !free)
        return std::unexpected(std::move(free.error()));
    parsed->registration.if_match = if_match_of(request.headers());
    auto stored = services.registry_store.put(parsed->registration);
    if (!stored) return std::unexpected(std::move(stored.error()));
    if (stored->is_changed) registry_has_changed(services);
    Response response;
    response.status = stored->is_new ? 201 : 200;
    append_registration(response.body, request, *stored, parsed->streams);
    response.set("ETag", version_tag(stored->type.version));
    if (stored->is_new) response.set("Location", type_address(request, stored->type.name));
    return response;
}

HandlerResult read_registration(RequestContext& request) {
    if (!may_register(request, request.path("type"))) return not_this_type();
    const RegistryViewPtr registry = request.services().registry.refresh();
    const EventTypePtr type = registry->find_type(request.path("type"));
    if (!type) return no_such_type();
    RegistrationResult stored{.type = *type, .streams = {}, .removed = {}};
    for (const Stream* stream : registry->streams_of(type->name)) stored.streams.push_back(*stream);
    Response response;
    append_registration(response.body, request, stored, {});
    response.set("ETag", version_tag(type->version));
    response.set("Cache-Control", "no-cache");
    return response;
}

HandlerResult remove_registration(RequestContext& request) {
    if (!may_register(request, request.path("type"))) return not_this_type();
    const Services& services = request.services();
    if (is_room_owned_type(request.path("type"))) return owned_type();
    auto removed = services.registry_store.remove_type(request.path("type"), if_match_of(request.headers()));
    if (!removed) return std::unexpected(std::move(removed.error()));
    registry_has_changed(services);
    Response response;
    JsonObject object(response.body);
    object.boolean("acknowledge", true);
    append_removed_streams(object.begin("removed"), request, *removed);
    object.end();
    return response;
}

HandlerResult list_registrations(RequestContext& request) {
    const auto limit = read_limit(request.query);
    if (!limit) return std::unexpected(limit.error());
    const std::string_view after = request.query.find("after").value_or("");
    const RegistryViewPtr registry = request.services().registry.refresh();
    std::vector<EventTypePtr> types;
    std::ranges::copy_if(registry->types(), std::back_inserter(types),
                         [&](const EventTypePtr& type) { return may_register(request, type->name); });
    auto next = std::ranges::upper_bound(types, after, {},
                                         [](const EventTypePtr& t) { return std::string_view(t->name); });
    if (after.empty()) next = types.begin();
    const auto end = next + std::min<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(*limit), types.end() - next);
    Response response;
    append_type_page(response.body, request, *registry, {next, end},
                     {.limit = *limit, .after = after, .has_more = end != types.end()});
    response.set("Cache-Control", "no-cache");
    return response;
}

Awaitable<HandlerResult> run_offloaded(RequestContext& request, HandlerResult (*handle)(RequestContext&)) {
    auto work = [&request, handle] { return handle(request); };
    co_return co_await offload(request, work);
}

}  // namespace

Awaitable<HandlerResult> put_event_type(RequestContext& request) {
    auto body = co_await open_json_body(request);
    if (!body) co_return std::move(body.error());
    co_return co_await run_offloaded(request, put_registration);
}

Awaitable<HandlerResult> list_event_types(RequestContext& request) {
    return run_offloaded(request, list_registrations);
}

Awaitable<HandlerResult> get_event_type(RequestContext& request) {
    return run_offloaded(request, read_registration);
}

Awaitable<HandlerResult> delete_event_type(RequestContext& request) {
    return run_offloaded(request, remove_registration);
}

}  // namespace headwater::rest
