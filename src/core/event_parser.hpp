#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/errors.hpp"

namespace headwater {

/// The sizes that intake allows.
struct EventLimits {
    std::size_t max_event_bytes = 1 << 20;  ///< of one payload
    std::size_t max_batch_events = 1000;
    std::size_t max_body_bytes = 4 << 20;   ///< after inflating
    static constexpr int kMaxDepth = 128;   ///< of nested arrays and objects in a payload
};

/// One event's envelope as it was sent. The payload is a piece of the request body, which must outlive it.
struct SentEvent {
    std::string type;
    std::string_view payload;
    std::optional<std::string> id;           ///< the sender's own, 1-200 characters
    std::optional<std::string> subject;      ///< 1-500 characters
    std::optional<std::string> occurred_at;  ///< normalised to format_time()
};

/// A whole request body: each item is an event or what is wrong with it (pointers relative to the item).
using SentItems = std::vector<std::expected<SentEvent, Refusal>>;

struct SentBody {
    bool is_batch = false;  ///< an array or NDJSON: the answer has results[]
    SentItems items;
};

/// Reads `application/json`: one object or an array of them. Refused as a whole: broken JSON, NUL, BOM, invalid UTF-8, lone surrogates,
/// nesting deeper than kMaxDepth, trailing bytes (malformed), no or too many items (invalid, too_large). An item on its own:
/// a member twice, an unknown member, a missing or wrong type or payload, an oversized payload.
/// Iterative, allocates nothing per JSON value, never re-serialises.
[[nodiscard]] std::expected<SentBody, Refusal> parse_json_body(std::string_view body, const EventLimits& limits);

/// Reads `application/x-ndjson`: an event a line (LF or CRLF, empty lines skipped). A broken line fails alone.
[[nodiscard]] std::expected<SentBody, Refusal> parse_ndjson_body(std::string_view body, const EventLimits& limits);

}  // namespace headwater
