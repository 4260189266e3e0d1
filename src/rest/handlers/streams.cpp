#include "rest/stream_view.hpp"

#include <algorithm>
#include <utility>

#include "core/registry.hpp"
#include "rest/handlers/handlers.hpp"
#include "rest/handlers/registry_change.hpp"
#include "rest/json_object.hpp"
#include "rest/links.hpp"
#include "rest/offload.hpp"
#include "rest/paging.hpp"
#include "rest/preconditions.hpp"
#include "rest/refusals.hpp"
#include "rest/request_body.hpp"
#include "rest/stream_definition.hpp"

namespace headwater::rest {
namespace {

std::unexpected<Refusal> no_such_stream() {
    return refuse(Refusal::Kind::not_found, "There is no such stream.");
}

/// By id, or by name: a stream of its own first, else the only registration's stream of that name.
const Stream* find_by_key(const RegistryView& registry, const std::string& key) {
    if (const auto id = parse_id<StreamId>(key)) return registry.find_stream(*id);
    const Stream* found = nullptr;
    for (const Stream& stream : registry.streams()) {
        if (stream.definition.name != key) continue;
        if (stream.owner_type.empty()) return &stream;
        if (found != nullptr) return nullptr;
        found = &stream;
    }
    return found;
}

std::vector<const Stream*> streams_of_their_own(const RegistryView& registry) {
    std::vector<const Stream*> own;
    for (const Stream& stream : registry.streams()) {
        if (stream.owner_type.empty()) own.push_back(&stream);
    }
    return own;
}

Response stream_response(const RequestContext& request, const Stream& stream,
                         std::string_view shown_once = "") {
    Response response;
    append_stream(response.body, request, stream, lag_of(request.services(), stream), shown_once);
    response.set("ETag", version_tag(stream.version));
    response.set("Cache-Control", "no-cache");
    return response;
}

/// Stores a stream object from the body under its owner ("" for a stream of its own).
HandlerResult store_stream(RequestContext& request, std::string_view owner, const StreamContext& context) {
    const Services& services = request.services();
    auto parsed = parse_stream(request.body(), context);
    if (!parsed) return std::unexpected(std::move(parsed.error()));
    if (auto verified = verify_destination(*parsed, context); !verified)
        return std::unexpected(std::move(verified.error()));
    auto stored =
        services.registry_store.put_stream(owner, parsed->definition, if_match_of(request.headers()));
    if (!stored) return std::unexpected(std::move(stored.error()));
    registry_has_changed(services);
    Response response = stream_response(request, *stored, parsed->shown_once);
    response.status = parsed->is_new ? 201 : 200;
    if (parsed->is_new) response.set("Location", stream_address(request, stored->id));
    return response;
}

HandlerResult store_own_stream(RequestContext& request) {
    const Services& services = request.services();
    const RegistryViewPtr registry = services.registry.refresh();
    std::string name = request.path("stream");
    if (const auto id = parse_id<StreamId>(name)) {
        const Stream* stream = registry->find_stream(*id);
        if (stream == nullptr) return no_such_stream();
        if (!stream->owner_type.empty()) {
            return refuse(Refusal::Kind::conflict, "This stream belongs to an event type; change it there.");
        }
        name = stream->definition.name;
    }
    if (!is_stream_name(name)) {
        return refuse(Refusal::Kind::invalid, "A stream's name is 1 to 100 characters of [A-Za-z0-9_.-].");
    }
    const std::vector<const Stream*> siblings = streams_of_their_own(*registry);
    return store_stream(request, "", {services.sinks, siblings, "", name, true});
}

HandlerResult store_type_stream(RequestContext& request) {
    const Services& services = request.services();
    const RegistryViewPtr registry = services.registry.refresh();
    const std::string& type = request.path("type");
    if (!registry->find_type(type))
        return refuse(Refusal::Kind::not_found, "This event type is not registered.");
    const std::vector<const Stream*> siblings = registry->streams_of(type);
    return store_stream(request, type, {services.sinks, siblings, ""});
}

HandlerResult remove_stream(RequestContext& request, const Stream* stream) {
    if (stream == nullptr) return no_such_stream();
    auto removed = request.services().registry_store.remove_stream(stream->id);
    if (!removed) return std::unexpected(std::move(removed.error()));
    registry_has_changed(request.services());
    Response response;
    JsonObject object(response.body);
    object.boolean("acknowledge", true);
    append_removed_streams(object.begin("removed"), request, {*removed});
    object.end();
    return response;
}

HandlerResult remove_own_stream(RequestContext& request) {
    const RegistryViewPtr registry = request.services().registry.refresh();
    return remove_stream(request, find_by_key(*registry, request.path("stream")));
}

HandlerResult remove_type_stream(RequestContext& request) {
    const RegistryViewPtr registry = request.services().registry.refresh();
    const std::string& key = request.path("stream");
    const auto owned = registry->streams_of(request.path("type"));
    const auto found = std::ranges::find_if(
        owned, [&](const Stream* s) { return s->definition.name == key || to_string(s->id) == key; });
    return remove_stream(request, found == owned.end() ? nullptr : *found);
}

HandlerResult set_paused(RequestContext& request, bool is_paused) {
    const Services& services = request.services();
    const RegistryViewPtr registry = services.registry.refresh();
    const Stream* stream = find_by_key(*registry, request.path("stream"));
    if (stream == nullptr) return no_such_stream();
    auto changed = services.registry_store.set_paused(stream->id, is_paused);
    if (!changed) return std::unexpected(std::move(changed.error()));
    registry_has_changed(services);
    return stream_response(request, *changed);
}

HandlerResult list_page(RequestContext& request) {
    const auto limit = read_limit(request.query);
    if (!limit) return std::unexpected(limit.error());
    const auto after = read_event_id(request.query, "after");
    if (!after) return std::unexpected(after.error());
    const RegistryViewPtr registry = request.services().registry.refresh();
    const StreamId last{after->value_or(EventId{}).value};
    const auto& streams = registry->streams();
    auto next = std::ranges::upper_bound(streams, last, {}, &Stream::id);
    Response response;
    JsonObject object(response.body);
    std::string& list = object.begin("streams");
    list += '[';
    std::size_t count = 0;
    for (; next != streams.end() && count < *limit; ++next, ++count) {
        if (count > 0) list += ',';
        append_stream(list, request, *next, lag_of(request.services(), *next));
    }
    list += ']';
    const std::string address = request.base_url + "/api/streams?limit=" + std::to_string(*limit) + "&after=";
    Links links;
    links.add("self", address + to_string(last));
    if (next != streams.end()) links.add("next", address + to_string(std::prev(next)->id));
    links.append_json(object.begin("links"));
    object.end();
    response.set("Cache-Control", "no-cache");
    return response;
}

HandlerResult read_stream(RequestContext& request) {
    const RegistryViewPtr registry = request.services().registry.refresh();
    const Stream* stream = find_by_key(*registry, request.path("stream"));
    if (stream == nullptr) return no_such_stream();
    return stream_response(request, *stream);
}

}  // namespace

Awaitable<HandlerResult> list_streams(RequestContext& request) {
    auto work = [&request] { return list_page(request); };
    co_return co_await offload(request, work);
}

Awaitable<HandlerResult> get_stream(RequestContext& request) {
    auto work = [&request] { return read_stream(request); };
    co_return co_await offload(request, work);
}

Awaitable<HandlerResult> put_stream(RequestContext& request) {
    auto body = co_await open_json_body(request);
    if (!body) co_return std::move(body.error());
    auto work = [&request] { return store_own_stream(request); };
    co_return co_await offload(request, work);
}

Awaitable<HandlerResult> delete_stream(RequestContext& request) {
    auto work = [&request] { return remove_own_stream(request); };
    co_return co_await offload(request, work);
}

Awaitable<HandlerResult> pause_stream(RequestContext& request) {
    auto work = [&request] { return set_paused(request, true); };
    co_return co_await offload(request, work);
}

Awaitable<HandlerResult> resume_stream(RequestContext& request) {
    auto work = [&request] { return set_paused(request, false); };
    co_return co_await offload(request, work);
}

Awaitable<HandlerResult> add_type_stream(RequestContext& request) {
    auto body = co_await open_json_body(request);
    if (!body) co_return std::move(body.error());
    auto work = [&request] { return store_type_stream(request); };
    co_return co_await offload(request, work);
}

Awaitable<HandlerResult> delete_type_stream(RequestContext& request) {
    auto work = [&request] { return remove_type_stream(request); };
    co_return co_await offload(request, work);
}

}  // namespace headwater::rest
