#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/live_request.hpp"

namespace headwater::rest {

/// A connection that is to be handed to the live server instead of being answered here.
struct LiveTakeover {
    enum class Protocol { websocket, event_stream };
    Protocol protocol{};
    LiveRequest request;
};

/// The answer to one request. The server adds Date, Content-Length, X-Request-Id and the connection's own
/// fields.
struct Response {
    using Field = std::pair<std::string_view, std::string>;  ///< names are literals

    int status = 200;
    std::string_view content_type = "application/json";  ///< a literal; "" when there is no body
    std::string body;
    std::vector<Field> headers;
    bool must_close = false;  ///< close the connection behind this answer
    std::optional<LiveTakeover> takeover;

    void set(std::string_view name, std::string value) { headers.emplace_back(name, std::move(value)); }
    /// Instead of a field of that name, if there is one.
    void replace(std::string_view name, std::string value);
    [[nodiscard]] const std::string* find(std::string_view name) const;
};

[[nodiscard]] Response json_response(int status, std::string body);
[[nodiscard]] Response empty_response(int status);

/// What the connection knows about an answer.
struct ResponseFrame {
    std::string_view date;
    std::string_view request_id;
    bool is_head = false;  ///< the length of the body, without the body
    bool will_close = false;
    bool is_http10 = false;
};

/// The answer's bytes on the wire, appended to `out`.
void append_response(std::string& out, const Response& response, const ResponseFrame& frame);

/// The Date and the answer's own fields, a line each, for a head that somebody else writes.
[[nodiscard]] std::string head_fields_of(const Response& response, std::string_view date);

[[nodiscard]] std::string_view reason_phrase(int status);

}  // namespace headwater::rest
