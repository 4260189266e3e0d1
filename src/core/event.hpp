#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/event_type.hpp"
#include "core/ids.hpp"
#include "core/time.hpp"

namespace headwater {

/// 128 bits of a SHA-256: an idempotency key (scope and key) or the fingerprint of what was sent under it.
using Digest = std::array<unsigned char, 16>;

/// Under which key an event, or a whole request, is remembered for 24 hours, and what it must equal when the
/// key comes again.
struct IdempotencyKey {
    Digest key{};          ///< of scope and key
    Digest fingerprint{};  ///< of type, subject and payload; of a request: of those of all its items
};

/// An event that was parsed and found valid, on its way into the log. `payload` holds the sender's own bytes.
/// Without a type it is no event: it holds the place of an item that was refused, in a request with a key,
/// and `payload` is what its sender is told, on one line.
struct NewEvent {
    EventTypePtr type;
    std::optional<std::string> subject;
    /// The optional members as a JSON fragment, `"occurredAt":"…","sourceId":"…"` in the order of the
    /// contract; may be "".
    std::string meta;
    std::string payload;             ///< one JSON value; base64 text when payload_is_base64
    bool payload_is_base64 = false;  ///< CloudEvents with data that is not JSON
    std::optional<IdempotencyKey> key;
};

/// An event of the log (or an ephemeral one that only passes through). Immutable; shared between feeds, live
/// subscribers and streams, so that its JSON is built once.
struct Event {
    EventId id;
    Timestamp created_at;
    Timestamp expires_at = Timestamp::max();
    TypeId type_id;
    std::string type;
    std::optional<std::string> subject;
    bool is_ephemeral = false;
    /// The event's whole JSON object, `{"id":"…","type":…,"subject":…,…,"payload":…,"created_at":"…"}`, in
    /// UTF-8 without line ends outside of the payload. Ephemeral events end in `,"ephemeral":true}`.
    std::string json;
    std::uint32_t payload_begin = 0;  ///< the payload's bytes inside json (base64 text without its quotes)
    std::uint32_t payload_size = 0;

    [[nodiscard]] std::string_view payload() const {
        return std::string_view(json).substr(payload_begin, payload_size);
    }
    /// The JSON without its closing brace, for appending members such as "links".
    [[nodiscard]] std::string_view open_json() const {
        return std::string_view(json).substr(0, json.size() - 1);
    }
};
using EventPtr = std::shared_ptr<const Event>;
/// In log order. Shared as a whole between threads.
using EventBatch = std::shared_ptr<const std::vector<EventPtr>>;

/// The columns from which an Event is made, as the log reads them or as the appender knows them.
struct EventRecord {
    EventId id;
    Timestamp created_at;
    Timestamp expires_at = Timestamp::max();
    TypeId type_id;
    std::string_view type;
    std::optional<std::string_view> subject;
    std::string_view meta;
    std::string_view payload;
    bool payload_is_base64 = false;
    bool is_ephemeral = false;
};

/// Builds the shared event with its JSON, once.
[[nodiscard]] EventPtr make_event(const EventRecord& record);

}  // namespace headwater
