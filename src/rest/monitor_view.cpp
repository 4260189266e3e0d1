#include "rest/monitor_view.hpp"

#include <fmt/format.h>

#include "core/notice_sink.hpp"
#include "core/registry.hpp"
#include "rest/json_object.hpp"
#include "rest/links.hpp"

namespace headwater::rest {
namespace {

void append_time(JsonObject& object, std::string_view name, const std::optional<Timestamp>& time) {
    if (time) {
        object.text(name, format_time(*time));
    } else {
        object.json(name, "null");
    }
}

void append_notices(std::string& out, const RequestContext& request, const RegistryView& registry,
                    const Monitor& monitor, const MonitorSecrets& secrets) {
    out += '[';
    for (const StreamId id : monitor.definition.notices) {
        const Stream* stream = registry.find_stream(id);
        if (stream == nullptr) continue;  // removed by somebody a moment ago
        if (out.back() != '[') out += ',';
        out += request.services().monitors->notices.describe_notice(stream->definition.destination);
        out.pop_back();
        const auto secret = secrets.by_stream.find(id);
        if (secret != secrets.by_stream.end() && !secret->second.empty()) out += "," + secret->second;
        out += fmt::format(",\"stream\":\"{}\"}}", to_string(id));
    }
    out += ']';
}

void append_check_ins(std::string& out, const std::vector<Timestamp>& check_ins) {
    out += '[';
    for (const Timestamp at : check_ins) {
        if (out.back() != '[') out += ',';
        out += fmt::format("{{\"at\":\"{}\"}}", format_time(at));
    }
    out += ']';
}

/// How to check in; with the key only in the answer that shows it.
void append_instructions(JsonObject& object, const RequestContext& request, const Monitor& monitor,
                         const std::string& key) {
    const std::string address = fmt::format("{}/notify/{}", request.base_url, to_string(monitor.id));
    object.text("curl",
                fmt::format("curl -fsS -H 'x-api-key: {}' {}", key.empty() ? "API_KEY" : key, address));
    if (key.empty()) return;
    object.text("api_key", key).text("ping_url", fmt::format("{}/ping/{}", request.base_url, key));
}

}  // namespace

std::string monitor_address(const RequestContext& request, MonitorId id) {
    return request.base_url + "/api/monitors/" + to_string(id);
}

void append_monitor(std::string& out, const RequestContext& request, const RegistryView& registry,
                    const Monitor& monitor, const MonitorSecrets& secrets) {
    const MonitorDefinition& definition = monitor.definition;
    JsonObject object(out);
    object.text("id", to_string(monitor.id)).text("name", definition.name);
    object.text("description", definition.description);
    object.text("interval", to_string(definition.rule.every)).number("threshold", definition.rule.threshold);
    append_notices(object.begin("notify"), request, registry, monitor, secrets);
    object.text("status", to_string(monitor.status)).text("status_since", format_time(monitor.status_since));
    object.boolean("paused", monitor.is_paused);
    append_time(object, "last_check_in", monitor.checked_in_at);
    append_time(object, "due_at", monitor.due_at);
    append_check_ins(object.begin("check_ins"), monitor.check_ins);
    append_instructions(object, request, monitor, secrets.key);
    append_time(object, "created_at", monitor.created_at);
    append_time(object, "updated_at", monitor.updated_at);
    Links links;
    const std::string address = monitor_address(request, monitor.id);
    links.add("self", address);
    links.add("notify", fmt::format("{}/notify/{}", request.base_url, to_string(monitor.id)));
    for (const std::string_view action : {"pause", "resume", "rotate-key", "flips"})
        links.add(action, fmt::format("{}/{}", address, action));
    links.append_json(object.begin("links"));
    object.end();
}

Response monitor_response(const RequestContext& request, const RegistryView& registry, const Monitor& monitor,
                          const MonitorSecrets& secrets) {
    Response response;
    append_monitor(response.body, request, registry, monitor, secrets);
    response.set("Cache-Control", secrets.key.empty() ? "no-cache" : "no-store");
    return response;
}

void append_flip(std::string& out, const RequestContext& request, const MonitorFlip& flip) {
    JsonObject object(out);
    object.text("at", format_time(flip.at)).text("from", to_string(flip.from)).text("to", to_string(flip.to));
    object.text("reason", flip.reason);
    if (flip.event) {
        object.text("event", to_string(*flip.event));
        Links links;
        links.add("event", event_address(request, *flip.event));
        links.append_json(object.begin("links"));
    }
    object.end();
}

}  // namespace headwater::rest
