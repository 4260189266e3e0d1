#pragma once

#include <expected>
#include <string>

namespace headwater::sinks {

/// The parts of an http(s) address that Headwater looks at.
struct WebhookUri {
    std::string host;
    std::string port;  ///< "" = the scheme's own
    std::string path;
    std::string query;

    /// The error is one sentence for the client.
    [[nodiscard]] static std::expected<WebhookUri, std::string> parse(const std::string& text);
};

}  // namespace headwater::sinks
