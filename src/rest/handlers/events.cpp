#include <utility>

#include "core/event_log.hpp"
#include "core/log_tail.hpp"
#include "core/registry.hpp"
#include "rest/finishing.hpp"
#include "rest/handlers/handlers.hpp"
#include "rest/json_object.hpp"
#include "rest/links.hpp"
#include "rest/offload.hpp"
#include "rest/refusals.hpp"

namespace headwater::rest {
namespace {

/// Where the event stands on its way to one stream, as far as the stream's cursor tells.
std::string_view delivery_state(const Services& services, const Stream& stream, const Event& event) {
    const auto status = services.stream_status ? services.stream_status(stream.id) : std::nullopt;
    const Cursor& cursor = status ? status->cursor : stream.cursor;
    if (cursor.position < event.id) return "pending";
    return stream.created_at > event.created_at ? "not-registered-then" : "delivered";
}

void append_deliveries(std::string& out, const RequestContext& request, const Event& event) {
    out += '[';
    for (const Stream& stream : request.services().registry.view()->streams()) {
        if (!stream.wants(event.type)) continue;
        if (out.back() != '[') out += ',';
        JsonObject object(out);
        object.text("id", to_string(stream.id))
            .text("name", stream.definition.name)
            .text("state", delivery_state(request.services(), stream, event));
        object.end();
    }
    out += ']';
}

/// Nothing that stands at or below the head can come later: so the log is asked again behind the head.
std::expected<EventPtr, Refusal> find_event(const Services& services, EventId id) {
    if (auto event = services.log.find(id)) return std::move(*event);
    if (id > services.tail.position() && id > services.log.head().position) {
        return refuse(Refusal::Kind::not_found, "There is no event with this id yet.");
    }
    if (auto event = services.log.find(id)) return std::move(*event);
    return refuse(Refusal::Kind::gone, "The event with this id has expired or was never kept.");
}

HandlerResult read_event(RequestContext& request, EventId id) {
    const auto event = find_event(request.services(), id);
    if (!event) return std::unexpected(event.error());
    Response response;
    response.body = (*event)->open_json();
    response.body += R"(,"streams":)";
    append_deliveries(response.body, request, **event);
    Links links;
    links.add("self", event_address(request, id));
    links.add("type", type_address(request, (*event)->type));
    response.body += R"(,"links":)";
    links.append_json(response.body);
    response.body += '}';
    response.set("ETag", entity_tag_of(response.body));
    response.set("Cache-Control", "no-cache");
    return response;
}

}  // namespace

Awaitable<HandlerResult> get_event(RequestContext& request) {
    const auto id = parse_id<EventId>(request.path("id"));
    if (!id || id->value == 0) co_return refuse(Refusal::Kind::not_found, "This is not an event's id.");
    auto work = [&request, id = *id] { return read_event(request, id); };
    co_return co_await offload(request, work);
}

}  // namespace headwater::rest
