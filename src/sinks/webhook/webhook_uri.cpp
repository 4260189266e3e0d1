#include "sinks/webhook/webhook_uri.hpp"

#include "sinks/curl/curl_url.hpp"
#include "sinks/option_reader.hpp"

namespace headwater::sinks {

std::expected<WebhookUri, std::string> WebhookUri::parse(const std::string& text) {
    if (text.size() > 2000) return std::unexpected("An address has at most 2,000 bytes.");
    if (has_controls(text) || text.find(' ') != std::string::npos) {
        return std::unexpected("An address has no spaces or control characters.");
    }
    const auto url = CurlUrl::parse(text, CURLU_NON_SUPPORT_SCHEME);
    const std::string scheme = url ? url->part(CURLUPART_SCHEME) : "";
    if (scheme != "http" && scheme != "https")
        return std::unexpected("An http:// or https:// address is needed.");
    if (!url->part(CURLUPART_USER).empty() || !url->part(CURLUPART_PASSWORD).empty()) {
        return std::unexpected("Credentials belong into \"headers\", not into the address.");
    }
    WebhookUri parts{.scheme = scheme,
                     .host = url->part(CURLUPART_HOST),
                     .port = url->part(CURLUPART_PORT),
                     .path = url->part(CURLUPART_PATH),
                     .query = url->part(CURLUPART_QUERY),
                     .target = url->part(CURLUPART_PATH, CURLU_URLENCODE)};
    if (!parts.query.empty()) parts.target += "?" + parts.query;
    return parts;
}

std::string WebhookUri::authority() const {
    const bool is_default = port.empty() || port == (scheme == "https" ? "443" : "80");
    return is_default ? host : host + ":" + port;
}

}  // namespace headwater::sinks
