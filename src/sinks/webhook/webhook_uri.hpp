#pragma once

#include <expected>
#include <string>

namespace headwater::sinks {

/// The parts of an http(s) address that Headwater looks at.
struct WebhookUri {
    std::string scheme;  ///< http or https
    std::string host;
    std::string port;  ///< "" = the scheme's own
    std::string path;
    std::string query;
    std::string target;  ///< "/hook?a=b": path and query as a request line spells them

    /// The error is one sentence for the client.
    [[nodiscard]] static std::expected<WebhookUri, std::string> parse(const std::string& text);

    /// "example:8080", or "example" for the scheme's own port: the Host header (RFC 9110 section 7.2).
    [[nodiscard]] std::string authority() const;
};

}  // namespace headwater::sinks
