#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/errors.hpp"

namespace headwater {

/// The sizes that intake allows.
struct EventLimits {
    std::size_t max_event_bytes = 1 << 20;  ///< of one payload
    std::size_t max_batch_events = 1000;
    std::size_t max_body_bytes = 4 << 20;  ///< after inflating
    static constexpr int kMaxDepth = 128;  ///< of nested arrays and objects in a payload
};

/// One event's envelope as it was sent. The payload is a piece of the request body, which must outlive it.
struct SentEvent {
    std::string type;
    std::string_view payload;
    std::optional<std::string> id;           ///< the sender's own, 1-200 characters
    std::optional<std::string> subject;      ///< 1-500 characters
    std::optional<std::string> occurred_at;  ///< normalised to format_time()
    // Of CloudEvents only:
    std::optional<std::string> source{};  ///< 1-500 characters; with it, `id` is there too
    std::string attributes{};             ///< further context attributes, `"name":value,…`; may be ""
    std::optional<std::string> payload_base64{};  ///< data that is not JSON, in the place of `payload`
};

/// A whole request body: each item is an event or what is wrong with it (pointers relative to the item).
using SentItems = std::vector<std::expected<SentEvent, Refusal>>;

struct SentBody {
    bool is_batch = false;  ///< an array or NDJSON: the answer has results[]
    SentItems items;
};

/// Reads `application/json`: one object or an array of them. Refused as a whole: broken JSON, NUL, BOM,
/// invalid UTF-8, lone surrogates, nesting deeper than kMaxDepth, trailing bytes (malformed), no or too many
/// items (invalid, too_large). An item on its own: a member twice, an unknown member, a missing or wrong type
/// or payload, an oversized payload. Iterative, allocates nothing per JSON value, never re-serialises.
[[nodiscard]] std::expected<SentBody, Refusal> parse_json_body(std::string_view body,
                                                               const EventLimits& limits);

/// Reads `application/x-ndjson`: an event a line (LF or CRLF, empty lines skipped). A broken line fails
/// alone.
[[nodiscard]] std::expected<SentBody, Refusal> parse_ndjson_body(std::string_view body,
                                                                 const EventLimits& limits);

/// Reads `application/cloudevents+json` (one CloudEvent 1.0) and `application/cloudevents-batch+json` (an
/// array of them): CloudEvents JSON format 1.0.2, sections 3 and 4. `time` becomes occurred_at;
/// `datacontenttype` (unless it is JSON), `dataschema` and the extensions become attributes; an event without
/// data has the payload null. Otherwise the same rules as for JSON.
[[nodiscard]] std::expected<SentBody, Refusal> parse_cloud_event_body(std::string_view body,
                                                                      const EventLimits& limits);
[[nodiscard]] std::expected<SentBody, Refusal> parse_cloud_event_batch(std::string_view body,
                                                                       const EventLimits& limits);

/// Reads one CloudEvent in HTTP binary mode: its context attributes by name, already decoded, and its data.
/// The data outlives the result.
struct BinaryCloudEvent {
    std::vector<std::pair<std::string, std::string>>
        attributes;  ///< `datacontenttype` among them when there is one
    std::string_view data;
};
[[nodiscard]] std::expected<SentBody, Refusal> parse_binary_cloud_event(const BinaryCloudEvent& event,
                                                                        const EventLimits& limits);

}  // namespace headwater
