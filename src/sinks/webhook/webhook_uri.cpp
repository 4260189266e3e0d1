#include "sinks/webhook/webhook_uri.hpp"

#include <curl/curl.h>

#include <memory>

#include "sinks/option_reader.hpp"

namespace headwater::sinks {
namespace {

struct FreeUrl {
    void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

std::string part_of(CURLU* url, CURLUPart part, unsigned flags = 0) {
    char* text = nullptr;
    if (curl_url_get(url, part, &text, flags) != CURLUE_OK) return {};
    std::string value = text;
    curl_free(text);
    return value;
}

}  // namespace

std::expected<WebhookUri, std::string> WebhookUri::parse(const std::string& text) {
    if (text.size() > 2000) return std::unexpected("An address has at most 2,000 bytes.");
    if (has_controls(text) || text.find(' ') != std::string::npos) {
        return std::unexpected("An address has no spaces or control characters.");
    }
    const std::unique_ptr<CURLU, FreeUrl> url(curl_url());
    const bool is_url =
        curl_url_set(url.get(), CURLUPART_URL, text.c_str(), CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK;
    const std::string scheme = is_url ? part_of(url.get(), CURLUPART_SCHEME) : "";
    if (scheme != "http" && scheme != "https")
        return std::unexpected("An http:// or https:// address is needed.");
    if (!part_of(url.get(), CURLUPART_USER).empty() || !part_of(url.get(), CURLUPART_PASSWORD).empty()) {
        return std::unexpected("Credentials belong into \"headers\", not into the address.");
    }
    WebhookUri parts{.scheme = scheme,
                     .host = part_of(url.get(), CURLUPART_HOST),
                     .port = part_of(url.get(), CURLUPART_PORT),
                     .path = part_of(url.get(), CURLUPART_PATH),
                     .query = part_of(url.get(), CURLUPART_QUERY),
                     .target = part_of(url.get(), CURLUPART_PATH, CURLU_URLENCODE)};
    if (!parts.query.empty()) parts.target += "?" + parts.query;
    return parts;
}

std::string WebhookUri::authority() const {
    const bool is_default = port.empty() || port == (scheme == "https" ? "443" : "80");
    return is_default ? host : host + ":" + port;
}

}  // namespace headwater::sinks
