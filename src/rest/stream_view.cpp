#include "rest/stream_view.hpp"

#include <fmt/format.h>

#include "rest/json_object.hpp"
#include "rest/links.hpp"

namespace headwater::rest {
namespace {

void append_lag(std::string& out, const StreamLag& lag) {
    JsonObject object(out);
    object.number("events", lag.events);
    if (lag.is_at_least) object.boolean("atLeast", true);
    object.json("seconds", fmt::format("{:.3f}", lag.seconds));
    object.end();
}

void append_standing(JsonObject& object, const StreamFigures& figures) {
    object.text("state", to_string(figures.state)).text("since", format_time(figures.since));
    object.text("cursor", to_string(figures.cursor.position));
    if (figures.lag) append_lag(object.begin("lag"), *figures.lag);
    if (figures.dead) object.number("dead", *figures.dead);
    if (figures.expired > 0) object.number("expired", figures.expired);
    if (!figures.last_error.empty()) object.text("last_error", figures.last_error);
    if (!figures.node.empty()) object.text("node", figures.node);
    const auto& status = figures.status;
    if (!status) return;
    if (status->last_delivered) object.text("last_delivered_at", format_time(*status->last_delivered));
    if (status->next_attempt) object.text("next_attempt_at", format_time(*status->next_attempt));
    object.number("in_flight", static_cast<std::int64_t>(status->in_flight));
    object.number("set_aside", static_cast<std::int64_t>(status->set_aside));
    JsonObject rates(object.begin("rates"));
    rates.json("delivered_per_second", fmt::format("{:.3f}", status->delivered_per_second));
    rates.end();
}

Links links_of(const RequestContext& request, const Stream& stream) {
    const std::string self = stream_address(request, stream.id);
    Links links;
    links.add("self", self);
    if (!stream.owner_type.empty()) links.add("type", type_address(request, stream.owner_type));
    links.add("attempts", self + "/attempts");
    links.add("dead", self + "/dead");
    links.add("replays", self + "/replays");
    return links;
}

}  // namespace

void append_stream(std::string& out, const RequestContext& request, const Stream& stream,
                   const StreamFigures& figures, std::string_view shown_once) {
    const StreamDefinition& definition = stream.definition;
    JsonObject object(out);
    object.text("id", to_string(stream.id)).text("name", definition.name);
    if (stream.owner_type.empty()) {
        object.texts("types", definition.types.filters());
    } else {
        object.text("type", stream.owner_type);
    }
    object.text("source", definition.source);
    if (const SinkType* sink = find_sink_type(request.services().sinks, definition.source)) {
        object.members(sink->describe(definition.destination));
    }
    object.members(shown_once).text("order", to_string(definition.order));
    append_standing(object, figures);
    object.text("created_at", format_time(stream.created_at))
        .text("updated_at", format_time(stream.updated_at));
    links_of(request, stream).append_json(object.begin("links"));
    object.end();
}

void append_removed_streams(std::string& out, const RequestContext& request,
                            const std::vector<Stream>& removed) {
    out += '[';
    for (const Stream& stream : removed) {
        if (out.back() != '[') out += ',';
        JsonObject object(out);
        object.text("id", to_string(stream.id)).text("name", stream.definition.name);
        append_lag(object.begin("lag"), *figures_of(request.services(), stream).lag);
        object.end();
    }
    out += ']';
}

}  // namespace headwater::rest
