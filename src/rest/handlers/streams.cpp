#include <algorithm>
#include <utility>

#include "core/registry.hpp"
#include "rest/handlers/handlers.hpp"
#include "rest/handlers/registry_change.hpp"
#include "rest/handlers/stream_lookup.hpp"
#include "rest/json_object.hpp"
#include "rest/links.hpp"
#include "rest/paging.hpp"
#include "rest/preconditions.hpp"
#include "rest/refusals.hpp"
#include "rest/request_body.hpp"
#include "rest/stream_definition.hpp"
#include "rest/stream_view.hpp"

namespace headwater::rest {
namespace {

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
    append_stream(response.body, request, stream, figures_of(request.services(), stream), shown_once);
    response.set("ETag", version_tag(stream.version));
    response.set("Cache-Control", "no-cache");
    return response;
}

/// Stores a stream object from the body under its owner ("" for a stream of its own).
HandlerResult store_stream(RequestContext& request, std::string_view owner, const StreamContext& context) {
    const Services& services = request.services();
    auto parsed = parse_stream(request.body(), context);
    if (!parsed) return std::unexpected(std::move(parsed.error()));
    const TypeFilter* limit = request.caller().types(Scope::register_);
    if (owner.empty() && limit != nullptr && !limit->covers(parsed->definition.types)) {
        return refuse(Refusal::Kind::forbidden, "This key does not allow streams of all these types.");
    }
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
        if (stream == nullptr || !may_manage(request.caller(), *stream))
            return refuse(Refusal::Kind::not_found, "There is no such stream.");
        if (!stream->owner_type.empty()) {
            return refuse(Refusal::Kind::conflict, "This stream belongs to an event type; change it there.");
        }
        name = stream->definition.name;
    }
    if (!is_stream_name(name)) {
        return refuse(Refusal::Kind::invalid, "A stream's name is 1 to 100 characters of [A-Za-z0-9_.-].");
    }
    const std::vector<const Stream*> siblings = streams_of_their_own(*registry);
    for (const Stream* sibling : siblings) {
        if (sibling->definition.name == name && !may_manage(request.caller(), *sibling))
            return refuse(Refusal::Kind::forbidden,
                          "This key does not allow changing the stream of this name.");
    }
    return store_stream(request, "", {services.sinks, siblings, "", name, true});
}

HandlerResult store_type_stream(RequestContext& request) {
    const Services& services = request.services();
    const RegistryViewPtr registry = services.registry.refresh();
    const std::string& type = request.path("type");
    if (!request.caller().may(Scope::register_, type))
        return refuse(Refusal::Kind::forbidden, "This key does not allow registering this type.");
    if (!registry->find_type(type))
        return refuse(Refusal::Kind::not_found, "This event type is not registered.");
    const std::vector<const Stream*> siblings = registry->streams_of(type);
    return store_stream(request, type, {services.sinks, siblings, ""});
}

HandlerResult remove_stream(RequestContext& request, const Stream& stream) {
    auto removed = request.services().registry_store.remove_stream(stream.id);
    if (!removed) return std::unexpected(std::move(removed.error()));
    registry_has_changed(request.services());
    Response response;
    JsonObject object(response.body);
    object.boolean("acknowledge", true);
    append_removed_streams(object.begin("removed"), request, {*removed});
    object.end();
    return response;
}

HandlerResult set_paused(RequestContext& request, const Stream& stream, bool is_paused) {
    const Services& services = request.services();
    auto changed = services.registry_store.set_paused(stream.id, is_paused);
    if (!changed) return std::unexpected(std::move(changed.error()));
    registry_has_changed(services);
    StreamFigures figures = figures_of(services, *changed);
    // The node that runs it hears of this in a moment.
    if (!is_paused && figures.state == StreamState::paused) figures.state = StreamState::running;
    Response response;
    append_stream(response.body, request, *changed, figures);
    return response;
}

HandlerResult list_page(RequestContext& request) {
    const auto limit = read_limit(request.query);
    if (!limit) return std::unexpected(limit.error());
    const auto after = read_event_id(request.query, "after");
    if (!after) return std::unexpected(after.error());
    const RegistryViewPtr registry = request.services().registry.refresh();
    const StreamId last{after->value_or(EventId{}).value};
    std::vector<const Stream*> page;
    for (const Stream& stream : registry->streams()) {
        if (stream.id > last && may_manage(request.caller(), stream)) page.push_back(&stream);
    }
    const bool has_more = page.size() > *limit;
    page.resize(std::min(page.size(), *limit));
    const auto figures = figures_of(request.services(), page, FigureDepth::everything);
    Response response;
    JsonObject object(response.body);
    std::string& list = object.begin("streams");
    list += '[';
    for (std::size_t i = 0; i < page.size(); ++i) {
        if (i > 0) list += ',';
        append_stream(list, request, *page[i], figures[i]);
    }
    list += ']';
    const std::string address = request.base_url + "/api/streams?limit=" + std::to_string(*limit) + "&after=";
    Links links;
    links.add("self", address + to_string(last));
    if (has_more) links.add("next", address + to_string(page.back()->id));
    links.append_json(object.begin("links"));
    object.end();
    response.set("Cache-Control", "no-cache");
    return response;
}

}  // namespace

Awaitable<HandlerResult> list_streams(RequestContext& request) {
    auto work = [&request] { return list_page(request); };
    co_return co_await offload(request, work);
}

Awaitable<HandlerResult> get_stream(RequestContext& request) {
    co_return co_await with_stream(
        request, [&](const Stream& stream) -> HandlerResult { return stream_response(request, stream); });
}

Awaitable<HandlerResult> put_stream(RequestContext& request) {
    auto body = co_await open_json_body(request);
    if (!body) co_return std::move(body.error());
    auto work = [&request] { return store_own_stream(request); };
    co_return co_await offload(request, work);
}

Awaitable<HandlerResult> delete_stream(RequestContext& request) {
    co_return co_await with_stream(request,
                                   [&](const Stream& stream) { return remove_stream(request, stream); });
}

Awaitable<HandlerResult> add_type_stream(RequestContext& request) {
    auto body = co_await open_json_body(request);
    if (!body) co_return std::move(body.error());
    auto work = [&request] { return store_type_stream(request); };
    co_return co_await offload(request, work);
}

Awaitable<HandlerResult> pause_stream(RequestContext& request) {
    co_return co_await with_stream(request,
                                   [&](const Stream& stream) { return set_paused(request, stream, true); });
}

Awaitable<HandlerResult> resume_stream(RequestContext& request) {
    co_return co_await with_stream(request,
                                   [&](const Stream& stream) { return set_paused(request, stream, false); });
}

}  // namespace headwater::rest
