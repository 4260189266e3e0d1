#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "core/delivery_store.hpp"
#include "core/event_log.hpp"
#include "core/time.hpp"
#include "rest/handlers/handlers.hpp"
#include "rest/handlers/stream_lookup.hpp"
#include "rest/json_object.hpp"
#include "rest/links.hpp"
#include "rest/paging.hpp"
#include "rest/refusals.hpp"

namespace headwater::rest {
namespace {

constexpr std::size_t kEventsPerRead = 50;
constexpr std::size_t kMaxPageBytes = 8 << 20;  // a longer page ends early, and goes on behind `next`

std::string dead_address(const RequestContext& request, const Stream& stream) {
    return stream_address(request, stream.id) + "/dead";
}

void append_dead_event(std::string& out, const RequestContext& request, const std::string& address,
                       const FailingEvent& dead, const Event& event) {
    if (out.back() != '[') out += ',';
    out += event.open_json();
    out += fmt::format(R"(,"attempts":{},"last_error":{})", dead.attempts, to_json_string(dead.last_error));
    if (dead.last_status != 0) out += fmt::format(R"(,"last_status":{})", dead.last_status);
    if (dead.died_at) out += fmt::format(R"(,"died_at":"{}")", format_time(*dead.died_at));
    const std::string own = address + "/" + to_string(dead.id);
    Links links;
    links.add("self", event_address(request, dead.id));
    links.add("retry", own + "/retry");
    links.add("remove", own);
    out += ",\"links\":";
    links.append_json(out);
    out += '}';
}

/// Appends those that are still in the log; false when the page has grown too long for all of them.
/// `last`: the last one that was looked at.
bool append_events(std::string& out, const RequestContext& request, const std::string& address,
                   std::span<const FailingEvent> dead, EventId& last) {
    for (; !dead.empty(); dead = dead.subspan(std::min(kEventsPerRead, dead.size()))) {
        const auto chunk = dead.first(std::min(kEventsPerRead, dead.size()));
        std::vector<Cursor> places;
        for (const FailingEvent& one : chunk) places.push_back({one.id, one.at});
        std::unordered_map<EventId, EventPtr> events;
        for (EventPtr& event : request.services().log.find_all(places)) events.emplace(event->id, event);
        for (const FailingEvent& one : chunk) {
            if (out.size() > kMaxPageBytes) return false;
            last = one.id;
            if (const auto found = events.find(one.id); found != events.end())
                append_dead_event(out, request, address, one, *found->second);
        }
    }
    return true;
}

HandlerResult list_page(const RequestContext& request, const Stream& stream) {
    const auto limit = read_limit(request.query);
    if (!limit) return std::unexpected(limit.error());
    const auto before = read_event_id(request.query, "before");
    if (!before) return std::unexpected(before.error());
    const DeadPage page = request.services().deliveries.dead(stream.id, *before, *limit);
    const std::string address = dead_address(request, stream);
    Response response;
    JsonObject object(response.body);
    std::string& list = object.begin("events");
    list += '[';
    EventId last;
    const bool is_whole = append_events(list, request, address, page.events, last);
    list += ']';
    const std::string query = address + "?limit=" + std::to_string(*limit);
    Links links;
    links.add("self", query + (*before ? "&before=" + to_string(**before) : ""));
    if (page.has_more || !is_whole) links.add("next", query + "&before=" + to_string(last));
    links.add("stream", stream_address(request, stream.id));
    links.add("retry", address + "/retry");
    links.append_json(object.begin("links"));
    object.end();
    response.set("Cache-Control", "no-cache");
    return response;
}

HandlerResult retry(const RequestContext& request, const Stream& stream, std::optional<EventId> event) {
    const auto count = request.services().deliveries.retry_dead(stream.id, event);
    if (!count) return refuse(Refusal::Kind::not_found, "This event is not among the stream's dead ones.");
    Response response;
    JsonObject object(response.body);
    object.boolean("acknowledge", true).number("retried", *count);
    object.end();
    return response;
}

std::expected<EventId, Refusal> read_event(const RequestContext& request) {
    if (const auto id = parse_id<EventId>(request.path("event"))) return *id;
    return refuse(Refusal::Kind::not_found, "This is not an event's id.");
}

}  // namespace

Awaitable<HandlerResult> list_dead_events(RequestContext& request) {
    co_return co_await with_stream(request, [&](const Stream& stream) { return list_page(request, stream); });
}

Awaitable<HandlerResult> retry_dead_event(RequestContext& request) {
    const auto event = read_event(request);
    if (!event) co_return std::unexpected(event.error());
    co_return co_await with_stream(request,
                                   [&](const Stream& stream) { return retry(request, stream, *event); });
}

Awaitable<HandlerResult> retry_dead_events(RequestContext& request) {
    co_return co_await with_stream(
        request, [&](const Stream& stream) { return retry(request, stream, std::nullopt); });
}

Awaitable<HandlerResult> remove_dead_event(RequestContext& request) {
    const auto event = read_event(request);
    if (!event) co_return std::unexpected(event.error());
    co_return co_await with_stream(request, [&](const Stream& stream) -> HandlerResult {
        if (!request.services().deliveries.remove_dead(stream.id, *event))
            return refuse(Refusal::Kind::not_found, "This event is not among the stream's dead ones.");
        return empty_response(204);
    });
}

}  // namespace headwater::rest
