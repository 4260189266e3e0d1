#pragma once

#include <chrono>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/errors.hpp"
#include "core/time.hpp"

namespace headwater::sinks {

/// How long a secret that was replaced signs too.
inline constexpr std::chrono::hours kFormerSecretLife{24};

/// Where and how a webhook stream posts its events: as its registration says (schema/openapi.yaml).
struct WebhookDestination {
    enum class Format { event, cloudevents };

    std::string uri;
    std::string secret;                               ///< whsec_…
    std::map<std::string, Timestamp> former_secrets;  ///< replaced ones, which sign too until then
    std::map<std::string, std::string> headers;
    std::chrono::seconds timeout{15};
    std::size_t max_in_flight = 32;
    std::vector<std::chrono::seconds> retries;  ///< empty = the default schedule
    Format format = Format::event;

    /// Reads a stream object; every mistake at once. What is secret and left out is taken from `stored`; a
    /// missing secret stays "". Former secrets stay as long as the secret does.
    [[nodiscard]] static std::expected<WebhookDestination, std::vector<FieldError>> parse(
        std::string_view stream_json, std::optional<std::string_view> stored);
    /// Reads what to_json wrote.
    [[nodiscard]] static WebhookDestination from_json(std::string_view json);
    /// The members as a JSON object, secrets included.
    [[nodiscard]] std::string to_json() const;
    /// The members as a JSON fragment without the secret and the values of the headers.
    [[nodiscard]] std::string describe() const;

    /// The same with a new secret; the present one signs too for 24 hours. The error is one sentence.
    [[nodiscard]] std::expected<WebhookDestination, std::string> rotated(Timestamp now) const;

    /// "webhook-example-api-v1-unpublish": from host and path.
    [[nodiscard]] std::string default_name() const;
};

}  // namespace headwater::sinks
