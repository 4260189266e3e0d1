#include <utility>

#include "core/event_log.hpp"
#include "core/log_tail.hpp"
#include "rest/event_deliveries.hpp"
#include "rest/finishing.hpp"
#include "rest/handlers/handlers.hpp"
#include "rest/links.hpp"
#include "rest/offload.hpp"
#include "rest/refusals.hpp"

namespace headwater::rest {
namespace {

std::unexpected<Refusal> gone() {
    return refuse(Refusal::Kind::gone, "The event with this id has expired or was never kept.");
}

/// Nothing that stands at or below the head can come later: so the log is asked again behind the head.
std::expected<EventPtr, Refusal> look_up(const Services& services, EventId id) {
    if (auto event = services.log.find(id)) return std::move(*event);
    if (id > services.tail.position() && id > services.log.head().position) {
        return refuse(Refusal::Kind::not_found, "There is no event with this id yet.");
    }
    if (auto event = services.log.find(id)) return std::move(*event);
    return gone();
}

/// What the key may not read looks like what was never kept.
std::expected<EventPtr, Refusal> find_event(const RequestContext& request, EventId id) {
    auto event = look_up(request.services(), id);
    if (event && !request.caller().may(Scope::read, (*event)->type)) return gone();
    return event;
}

HandlerResult read_event(RequestContext& request, EventId id) {
    const auto event = find_event(request, id);
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
