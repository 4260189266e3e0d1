#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace headwater::ws {

/// What a WebSocket client says: `{"subscribe":[…]}` or `{"unsubscribe":[…]}`.
struct ClientMessage {
    enum class Kind { subscribe, unsubscribe };
    Kind kind = Kind::subscribe;
    std::vector<std::string> filters;
};

/// The error is one sentence for the client.
[[nodiscard]] std::expected<ClientMessage, std::string> parse_client_message(std::string_view text);

}  // namespace headwater::ws
