#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace headwater::ws {

/// What a WebSocket client says: `{"subscribe":[…]}`, `{"unsubscribe":[…]}` or `{"token":"…"}`.
struct ClientMessage {
    enum class Kind { subscribe, unsubscribe, token };
    Kind kind = Kind::subscribe;
    std::vector<std::string> filters{};
    std::string token{};
};

/// The error is one sentence for the client.
[[nodiscard]] std::expected<ClientMessage, std::string> parse_client_message(std::string_view text);

}  // namespace headwater::ws
