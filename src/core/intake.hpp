#pragma once

#include <cstddef>
#include <expected>
#include <initializer_list>
#include <span>
#include <string_view>

#include "core/errors.hpp"
#include "core/event.hpp"
#include "core/event_parser.hpp"
#include "core/registry.hpp"

namespace headwater {

/// The first 128 bits of SHA-256 over the parts, each preceded by its length, so that no two lists of parts
/// collide.
[[nodiscard]] Digest digest_of(std::span<const std::string_view> parts);
[[nodiscard]] Digest digest_of(std::initializer_list<std::string_view> parts);

/// Turns what was sent into what is appended: the type must be registered and not reserved, the payload must
/// meet the type's schema. An item's own id becomes its idempotency key within its type. Refused with
/// unregistered_type, reserved_type, invalid (no such type name) or schema_violation (pointers begin with
/// /payload).
[[nodiscard]] std::expected<NewEvent, Refusal> to_new_event(const SentEvent& sent,
                                                            const RegistryView& registry);

/// The key of a request that carries an Idempotency-Key: `scope` is the API key's id ("" while the server
/// is open). The fingerprint covers the type, subject and payload of each item, or the whole body when one of
/// them cannot be read.
[[nodiscard]] IdempotencyKey request_key(std::string_view scope, std::string_view key, const SentBody& sent,
                                         std::string_view body);

}  // namespace headwater
