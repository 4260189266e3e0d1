#include "rest/handlers/type_view.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "rest/json_object.hpp"
#include "rest/uri.hpp"

namespace headwater::rest {
namespace {

void append_definition(JsonObject& object, const EventType& type) {
    object.text("type", type.name).text("ttl", to_string(type.retention));
    if (!type.schema_text.empty()) object.json("schema", type.schema_text);
}

void append_times(JsonObject& object, const EventType& type) {
    object.text("created_at", format_time(type.created_at)).text("updated_at", format_time(type.updated_at));
}

Links links_of(const RequestContext& request, const EventType& type) {
    const std::string self = type_address(request, type.name);
    Links links;
    links.add("self", self);
    links.add("streams", self + "/streams");
    links.add("send", request.base_url + "/api/events/send");
    links.add("feed",
              request.base_url + "/api/events/feed/hour/current?types=" + encode_query_value(type.name));
    return links;
}

std::string_view shown_once_of(std::string_view name, std::span<const ParsedStream> parsed) {
    const auto found =
        std::ranges::find_if(parsed, [&](const ParsedStream& p) { return p.definition.name == name; });
    return found == parsed.end() ? std::string_view{} : std::string_view(found->shown_once);
}

std::string page_address(const RequestContext& request, std::size_t limit, std::string_view after) {
    std::string address = fmt::format("{}/api/events/register?limit={}", request.base_url, limit);
    if (!after.empty()) address += "&after=" + encode_query_value(after);
    return address;
}

}  // namespace

void append_registration(std::string& out, const RequestContext& request, const RegistrationResult& stored,
                         std::span<const ParsedStream> parsed) {
    JsonObject object(out);
    append_definition(object, stored.type);
    object.boolean("acknowledge", true);
    std::vector<const Stream*> all;
    for (const Stream& stream : stored.streams) all.push_back(&stream);
    const auto figures = figures_of(request.services(), all, FigureDepth::everything);
    std::string& streams = object.begin("streams");
    streams += '[';
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (i > 0) streams += ',';
        append_stream(streams, request, *all[i], figures[i], shown_once_of(all[i]->definition.name, parsed));
    }
    streams += ']';
    if (!stored.removed.empty()) append_removed_streams(object.begin("removed"), request, stored.removed);
    append_times(object, stored.type);
    links_of(request, stored.type).append_json(object.begin("links"));
    object.end();
}

void append_type_page(std::string& out, const RequestContext& request, const RegistryView& registry,
                      std::span<const EventTypePtr> types, const TypePage& page) {
    std::vector<const Stream*> all;
    for (const EventTypePtr& type : types) {
        for (const Stream* stream : registry.streams_of(type->name)) all.push_back(stream);
    }
    const auto figures = figures_of(request.services(), all, FigureDepth::standing);
    auto next = all.begin();
    JsonObject object(out);
    std::string& list = object.begin("types");
    list += '[';
    for (const EventTypePtr& type : types) {
        if (list.back() != '[') list += ',';
        JsonObject entry(list);
        append_definition(entry, *type);
        std::string& streams = entry.begin("streams");
        streams += '[';
        for (; next != all.end() && (*next)->owner_type == type->name; ++next) {
            if (streams.back() != '[') streams += ',';
            append_stream(streams, request, **next, figures[static_cast<std::size_t>(next - all.begin())]);
        }
        streams += ']';
        append_times(entry, *type);
        links_of(request, *type).append_json(entry.begin("links"));
        entry.end();
    }
    list += ']';
    Links links;
    links.add("self", page_address(request, page.limit, page.after));
    if (page.has_more) links.add("next", page_address(request, page.limit, types.back()->name));
    links.append_json(object.begin("links"));
    object.end();
}

}  // namespace headwater::rest
