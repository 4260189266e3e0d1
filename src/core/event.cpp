#include "core/event.hpp"

#include "core/json_text.hpp"

namespace headwater {
namespace {

// Every member's name, quotes and braces together, and two times.
constexpr std::size_t kFixedBytes = 160;

void append_head(std::string& json, const EventRecord& record) {
    json += R"({"id":")";
    json += to_string(record.id);
    json += R"(","type":)";
    append_json_string(json, record.type);
    if (record.subject) {
        json += R"(,"subject":)";
        append_json_string(json, *record.subject);
    }
    if (!record.meta.empty()) {
        json += ',';
        json += record.meta;
    }
}

}  // namespace

EventPtr make_event(const EventRecord& record) {
    auto event = std::make_shared<Event>();
    event->id = record.id;
    event->created_at = record.created_at;
    event->expires_at = record.expires_at;
    event->type_id = record.type_id;
    event->type = record.type;
    if (record.subject) event->subject.emplace(*record.subject);
    event->is_ephemeral = record.is_ephemeral;

    auto& json = event->json;
    json.reserve(kFixedBytes + record.type.size() + record.subject.value_or("").size() + record.meta.size() +
                 record.payload.size());
    append_head(json, record);
    json += record.payload_is_base64 ? R"(,"payload_base64":")" : R"(,"payload":)";
    event->payload_begin = static_cast<std::uint32_t>(json.size());
    event->payload_size = static_cast<std::uint32_t>(record.payload.size());
    json += record.payload;
    json += record.payload_is_base64 ? R"(","created_at":")" : R"(,"created_at":")";
    json += format_time(record.created_at);
    json += record.is_ephemeral ? R"(","ephemeral":true})" : R"("})";
    return event;
}

}  // namespace headwater
