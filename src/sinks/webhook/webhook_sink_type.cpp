#include "sinks/webhook/webhook_sink_type.hpp"

#include <curl/curl.h>

#include "core/json_text.hpp"
#include "sinks/webhook/webhook_client.hpp"
#include "sinks/webhook/webhook_destination.hpp"
#include "sinks/webhook/webhook_sink.hpp"

namespace headwater::sinks {

WebhookSinkType::WebhookSinkType(const std::vector<std::string>& allow) {
    curl_global_init(CURL_GLOBAL_DEFAULT);  // counted, and safe in threads since 7.84
    client_ = std::make_shared<WebhookClient>(AddressGuard(allow));
}

WebhookSinkType::~WebhookSinkType() = default;

std::expected<ParsedDestination, std::vector<FieldError>> WebhookSinkType::parse(
    std::string_view stream_json, std::optional<std::string_view> stored) const {
    auto to = WebhookDestination::parse(stream_json, stored);
    if (!to) return std::unexpected(std::move(to.error()));
    std::string shown_once;
    if (to->secret.empty()) {
        to->secret = WebhookSecret::make().text();
        shown_once = "\"secret\":" + to_json_string(to->secret);
    }
    return ParsedDestination{.json = to->to_json(),
                             .default_name = to->default_name(),
                             .default_order = StreamOrder::loose,
                             .shown_once = std::move(shown_once)};
}

std::string WebhookSinkType::describe(std::string_view destination) const {
    return WebhookDestination::from_json(destination).describe();
}

std::expected<void, std::string> WebhookSinkType::verify(std::string_view /*destination*/) const {
    return {};
}

std::unique_ptr<Sink> WebhookSinkType::open(StreamId /*stream*/, std::string_view destination) const {
    WebhookDestination to = WebhookDestination::from_json(destination);
    auto secret = WebhookSecret::parse(to.secret);
    if (!secret) return nullptr;
    auto target = std::make_shared<const WebhookTarget>(WebhookTarget{std::move(to), std::move(*secret)});
    return std::make_unique<WebhookSink>(client_, std::move(target));
}

}  // namespace headwater::sinks
