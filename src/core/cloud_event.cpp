#include "core/cloud_event.hpp"

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "core/json_text.hpp"

namespace headwater {
namespace {

constexpr std::string_view kBase64Mark = "\"payload_base64\":\"";

bool is_base64(const Event& event) {
    return std::string_view(event.json).substr(0, event.payload_begin).ends_with(kBase64Mark);
}

/// The members before the payload. They are Headwater's own text: flat, but for the extension attributes,
/// which are flat too.
rapidjson::Document head_of(const Event& event) {
    std::string head = event.json.substr(0, event.payload_begin);
    head += is_base64(event) ? "\"}" : "0}";
    rapidjson::Document document;
    document.Parse<rapidjson::kParseIterativeFlag>(head.data(), head.size());
    return document;
}

std::string text_of(const rapidjson::Value& head, const char* name, std::string otherwise) {
    const auto found = head.FindMember(name);
    if (found == head.MemberEnd() || !found->value.IsString()) return otherwise;
    return {found->value.GetString(), found->value.GetStringLength()};
}

/// CloudEvents 1.0 section 3.1: extensions stand beside the other attributes, and are text, a number or true
/// or false.
void append_extensions(std::string& json, const rapidjson::Value& head) {
    const auto attributes = head.FindMember("attributes");
    if (attributes == head.MemberEnd() || !attributes->value.IsObject()) return;
    for (const auto& member : attributes->value.GetObject()) {
        json += ',';
        append_json_string(json, {member.name.GetString(), member.name.GetStringLength()});
        rapidjson::StringBuffer value;
        rapidjson::Writer<rapidjson::StringBuffer> writer(value);
        member.value.Accept(writer);
        json += ':';
        json.append(value.GetString(), value.GetSize());
    }
}

}  // namespace

std::string to_cloud_event(const Event& event) {
    const rapidjson::Document head = head_of(event);
    const std::string id = to_string(event.id);
    const bool is_from_cloud_event = head.HasMember("source");
    std::string json = R"({"specversion":"1.0","id":)";
    append_json_string(json, is_from_cloud_event ? text_of(head, "sourceId", id) : id);
    json += ",\"source\":";
    append_json_string(json, text_of(head, "source", "headwater"));
    json += ",\"type\":";
    append_json_string(json, event.type);
    if (event.subject) {
        json += ",\"subject\":";
        append_json_string(json, *event.subject);
    }
    json += ",\"time\":";
    append_json_string(json, text_of(head, "occurredAt", format_time(event.created_at)));
    append_extensions(json, head);
    if (is_base64(event)) {
        json += ",\"data_base64\":\"";
        json += event.payload();
        return json + "\"}";
    }
    const auto attributes = head.FindMember("attributes");
    const bool names_type = attributes != head.MemberEnd() && attributes->value.HasMember("datacontenttype");
    json += names_type ? R"(,"data":)" : R"(,"datacontenttype":"application/json","data":)";
    json += event.payload();
    return json + "}";
}

}  // namespace headwater
