#include "core/intake.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "core/inbox.hpp"
#include "core/json_text.hpp"
#include "core/sha256.hpp"
#include "core/type_filter.hpp"

namespace headwater {
namespace {

Refusal unregistered(std::string_view type) {
    return {Refusal::Kind::unregistered_type,
            fmt::format("The event type '{}' is not registered; the event was discarded.", type)};
}

std::expected<void, Refusal> check_name(std::string_view type) {
    if (is_reserved_type(type)) {
        return std::unexpected(Refusal{Refusal::Kind::reserved_type,
                                       fmt::format("Events of type '{}' come from Headwater alone.", type)});
    }
    if (is_event_type_name(type)) return {};
    return std::unexpected(
        Refusal{Refusal::Kind::invalid,
                "The event type is not a valid name.",
                {{"/type", "1 to 200 characters, segments of [A-Za-z0-9_.-] joined by ':'."}}});
}

std::expected<void, Refusal> check_schema(const EventType& type, const SentEvent& sent) {
    if (!type.schema) return {};
    std::vector<FieldError> errors;
    if (sent.payload_base64) {
        errors.push_back({"", "The type has a schema, and the data is not JSON."});
    } else {
        errors = type.schema->validate(sent.payload);
    }
    if (errors.empty()) return {};
    for (FieldError& error : errors) error.pointer.insert(0, "/payload");
    return std::unexpected(Refusal{Refusal::Kind::schema_violation,
                                   fmt::format("The payload does not meet the schema of '{}'.", type.name),
                                   std::move(errors)});
}

std::string meta_of(const SentEvent& sent) {
    std::string meta;
    if (sent.occurred_at) meta.append("\"occurredAt\":").append(to_json_string(*sent.occurred_at));
    if (sent.id) {
        if (!meta.empty()) meta += ',';
        meta.append("\"sourceId\":").append(to_json_string(*sent.id));
    }
    if (sent.source) meta.append(",\"source\":").append(to_json_string(*sent.source));
    if (!sent.attributes.empty()) {
        if (!meta.empty()) meta += ',';
        meta.append("\"attributes\":{").append(sent.attributes).append("}");
    }
    return meta;
}

/// A CloudEvent is known by its source and id together (CloudEvents 1.0.2 section 3.1), any other by its type
/// and id.
IdempotencyKey item_key(const SentEvent& sent, std::string_view payload) {
    const Digest key = sent.source ? digest_of({"cloudevent", *sent.source, *sent.id})
                                   : digest_of({"item", sent.type, *sent.id});
    return {key, digest_of({sent.type, sent.subject ? "1" : "0", sent.subject.value_or(""), payload})};
}

/// An event of an inbox stands under the inbox's name: that is how the inbox is found.
std::expected<std::optional<std::string>, Refusal> subject_of(const SentEvent& sent) {
    if (sent.payload_base64) return sent.subject;
    auto inbox = inbox_of(sent.type, sent.payload);
    if (!inbox || sent.subject == inbox) return inbox ? inbox : sent.subject;
    if (!sent.subject) return inbox;
    return std::unexpected(
        Refusal{Refusal::Kind::invalid,
                "The event is not valid.",
                {{"/subject", "The subject of an event of this type is its inbox; leave it out."}}});
}

}  // namespace

Digest digest_of(std::span<const std::string_view> parts) {
    const Sha256 whole = sha256_of_parts(parts);
    Digest digest;
    std::copy_n(whole.begin(), digest.size(), digest.begin());
    return digest;
}

Digest digest_of(std::initializer_list<std::string_view> parts) {
    return digest_of(std::span(parts.begin(), parts.size()));
}

std::expected<NewEvent, Refusal> to_new_event(const SentEvent& sent, const RegistryView& registry) {
    EventTypePtr type = registry.find_type(sent.type);
    if (!type || is_reserved_type(sent.type)) {
        if (auto named = check_name(sent.type); !named) return std::unexpected(std::move(named.error()));
        return std::unexpected(unregistered(sent.type));
    }
    if (auto valid = check_schema(*type, sent); !valid) return std::unexpected(std::move(valid.error()));
    auto subject = subject_of(sent);
    if (!subject) return std::unexpected(std::move(subject.error()));
    NewEvent event;
    event.type = std::move(type);
    event.subject = std::move(*subject);
    event.meta = meta_of(sent);
    event.payload_is_base64 = sent.payload_base64.has_value();
    event.payload = sent.payload_base64 ? std::string_view(*sent.payload_base64) : sent.payload;
    if (sent.id) event.key = item_key(sent, event.payload);
    return event;
}

IdempotencyKey request_key(std::string_view scope, std::string_view key, const SentBody& sent,
                           std::string_view body) {
    const Digest name = digest_of({"request", scope, key});
    std::vector<std::string_view> parts{sent.is_batch ? "batch" : "one"};
    for (const auto& item : sent.items) {
        if (!item) return {name, digest_of({"body", body})};
        const std::string_view subject = item->subject ? std::string_view(*item->subject) : "";
        parts.insert(parts.end(), {item->type, item->subject ? "1" : "0", subject, item->payload});
    }
    return {name, digest_of(parts)};
}

}  // namespace headwater
