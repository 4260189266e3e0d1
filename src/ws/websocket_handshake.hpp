#pragma once

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <string>
#include <string_view>

namespace headwater::ws {

using HttpRequest = boost::beast::http::request<boost::beast::http::string_body>;

/// The answer to a key (RFC 6455 section 4.2.2, item 5.4).
[[nodiscard]] std::string websocket_accept_of(std::string_view key);

/// "" when the request opens a WebSocket (section 4.2.1); otherwise a whole HTTP answer that says what is
/// wrong with it. The REST layer has checked it before; this is the second lock on the door.
[[nodiscard]] std::string refuse_handshake(const HttpRequest& request);

/// The 101 with its headers, to an accepted request.
[[nodiscard]] std::string accept_handshake(const HttpRequest& request, std::string_view request_id,
                                           std::string_view head_fields);

}  // namespace headwater::ws
