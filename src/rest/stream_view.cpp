#include "rest/stream_view.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/event_log.hpp"
#include "core/registry_store.hpp"
#include "rest/json_object.hpp"
#include "rest/links.hpp"

namespace headwater::rest {
namespace {

constexpr std::int64_t kCountedAtMost = 10'000;

std::optional<StreamStatus> status_of(const Services& services, StreamId id) {
    return services.stream_status ? services.stream_status(id) : std::nullopt;
}

double age_of_next(const Services& services, const Stream& stream) {
    LogRead read{.after = stream.cursor, .limit = 1};
    if (stream.owner_type.empty()) {
        read.types = &stream.definition.types;
    } else {
        read.type = stream.owner_type;
    }
    const LogPage page = services.log.read(read);
    if (page.events.empty()) return 0;
    const auto age = services.clock.now() - page.events.front()->created_at;
    return std::max(0.0, std::chrono::duration<double>(age).count());
}

void append_lag(std::string& out, const StreamLag& lag) {
    JsonObject object(out);
    object.number("events", lag.events);
    if (lag.is_at_least) object.boolean("atLeast", true);
    object.json("seconds", fmt::format("{:.3f}", lag.seconds));
    object.end();
}

void append_types(std::string& out, const TypeFilter& types) {
    out += '[';
    for (const std::string& filter : types.filters()) {
        if (out.back() != '[') out += ',';
        append_json_string(out, filter);
    }
    out += ']';
}

void append_state(JsonObject& object, const Stream& stream, const std::optional<StreamStatus>& status) {
    const StreamState running = status ? status->state : StreamState::running;
    object.text("state", to_string(stream.is_paused ? StreamState::paused : running));
    object.text("cursor", to_string((status ? status->cursor : stream.cursor).position));
    if (!status) return;
    if (!status->last_error.empty()) object.text("last_error", status->last_error);
    if (status->last_delivered) object.text("last_delivered_at", format_time(*status->last_delivered));
    if (status->next_attempt) object.text("next_attempt_at", format_time(*status->next_attempt));
    object.number("in_flight", static_cast<std::int64_t>(status->in_flight));
    object.number("set_aside", static_cast<std::int64_t>(status->set_aside));
}

}  // namespace

StreamLag lag_of(const Services& services, const Stream& stream) {
    Stream current = stream;
    if (const auto status = status_of(services, stream.id)) {
        const bool is_done = status->in_flight + status->set_aside + status->waiting == 0;
        if (status->is_at_head && is_done && status->state == StreamState::running) return {};
        current.cursor = status->cursor;
    }
    StreamLag lag;
    lag.events = services.registry_store.lag_events(current);
    lag.is_at_least = lag.events >= kCountedAtMost;
    if (lag.events > 0) lag.seconds = age_of_next(services, current);
    return lag;
}

void append_stream(std::string& out, const RequestContext& request, const Stream& stream,
                   const std::optional<StreamLag>& lag, std::string_view shown_once) {
    const StreamDefinition& definition = stream.definition;
    JsonObject object(out);
    object.text("id", to_string(stream.id)).text("name", definition.name);
    if (stream.owner_type.empty()) {
        append_types(object.begin("types"), definition.types);
    } else {
        object.text("type", stream.owner_type);
    }
    object.text("source", definition.source);
    if (const SinkType* sink = find_sink_type(request.services().sinks, definition.source)) {
        object.members(sink->describe(definition.destination));
    }
    object.members(shown_once).text("order", to_string(definition.order));
    append_state(object, stream, status_of(request.services(), stream.id));
    if (lag) append_lag(object.begin("lag"), *lag);
    object.text("created_at", format_time(stream.created_at))
        .text("updated_at", format_time(stream.updated_at));
    Links links;
    links.add("self", stream_address(request, stream.id));
    if (!stream.owner_type.empty()) links.add("type", type_address(request, stream.owner_type));
    links.append_json(object.begin("links"));
    object.end();
}

void append_removed_streams(std::string& out, const RequestContext& request,
                            const std::vector<Stream>& removed) {
    out += '[';
    for (const Stream& stream : removed) {
        if (out.back() != '[') out += ',';
        JsonObject object(out);
        object.text("id", to_string(stream.id)).text("name", stream.definition.name);
        append_lag(object.begin("lag"), lag_of(request.services(), stream));
        object.end();
    }
    out += ']';
}

}  // namespace headwater::rest
