#include "core/intake.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "core/json_text.hpp"
#include "core/type_filter.hpp"

namespace headwater {
namespace {

struct ContextDeleter {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

/// One per thread: looking SHA-256 up and allocating a context costs more than a short digest itself.
EVP_MD_CTX* digest_context() {
    static EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    thread_local const std::unique_ptr<EVP_MD_CTX, ContextDeleter> context(EVP_MD_CTX_new());
    if (EVP_DigestInit_ex2(context.get(), sha256, nullptr) != 1)
        throw std::runtime_error("SHA-256 is not available");
    return context.get();
}

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

}  // namespace

Digest digest_of(std::initializer_list<std::string_view> parts) {
    EVP_MD_CTX* context = digest_context();
    for (const std::string_view part : parts) {
        const std::uint64_t size = part.size();
        EVP_DigestUpdate(context, &size, sizeof size);
        EVP_DigestUpdate(context, part.data(), part.size());
    }
    std::array<unsigned char, EVP_MAX_MD_SIZE> whole{};
    EVP_DigestFinal_ex(context, whole.data(), nullptr);
    Digest digest;
    std::copy_n(whole.begin(), digest.size(), digest.begin());
    return digest;
}

std::expected<NewEvent, Refusal> to_new_event(const SentEvent& sent, const RegistryView& registry) {
    EventTypePtr type = registry.find_type(sent.type);
    if (!type || is_reserved_type(sent.type)) {
        if (auto named = check_name(sent.type); !named) return std::unexpected(std::move(named.error()));
        return std::unexpected(unregistered(sent.type));
    }
    if (auto valid = check_schema(*type, sent); !valid) return std::unexpected(std::move(valid.error()));
    NewEvent event;
    event.type = std::move(type);
    event.subject = sent.subject;
    event.meta = meta_of(sent);
    event.payload_is_base64 = sent.payload_base64.has_value();
    event.payload = sent.payload_base64 ? std::string_view(*sent.payload_base64) : sent.payload;
    if (sent.id) event.keys.push_back(item_key(sent, event.payload));
    return event;
}

IdempotencyKey request_key(std::string_view scope, std::string_view key, std::size_t index,
                           const Digest& body) {
    return {digest_of({"request", scope, key, std::to_string(index)}), body};
}

}  // namespace headwater
