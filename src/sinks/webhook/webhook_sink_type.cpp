#include "sinks/webhook/webhook_sink_type.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <functional>
#include <thread>

#include "core/json_text.hpp"
#include "sinks/curl/curl_client.hpp"
#include "sinks/webhook/http_client.hpp"
#include "sinks/webhook/webhook_destination.hpp"
#include "sinks/webhook/webhook_sink.hpp"
#include "sinks/webhook/webhook_transfer.hpp"

namespace headwater::sinks {
namespace {

constexpr std::size_t kMaxTransfers = 100'000;  // curl bounds the connections, the streams' windows the rest

std::string secret_member(const WebhookDestination& to) {
    return "\"secret\":" + to_json_string(to.secret);
}

/// International host names are curl's to spell.
bool is_for_http_client(const WebhookUri& uri) {
    return uri.scheme == "http" &&
           std::ranges::all_of(uri.host, [](char c) { return static_cast<unsigned char>(c) < 128; });
}

}  // namespace

WebhookSinkType::WebhookSinkType(const std::vector<std::string>& allow) : guard_(allow) {
    curl_global_init(CURL_GLOBAL_DEFAULT);  // counted, and safe in threads since 7.84
    curl_client_ = std::make_shared<CurlClient<WebhookTransfer>>(guard_, "webhooks", kMaxTransfers);
    const unsigned threads = std::clamp(std::thread::hardware_concurrency() / 4, 1U, 4U);
    for (unsigned i = 0; i < threads; ++i) http_clients_.push_back(std::make_shared<HttpClient>(guard_));
}

WebhookSinkType::~WebhookSinkType() = default;

std::expected<ParsedDestination, std::vector<FieldError>> WebhookSinkType::parse(
    std::string_view stream_json, std::optional<std::string_view> stored) const {
    auto to = WebhookDestination::parse(stream_json, stored);
    if (!to) return std::unexpected(std::move(to.error()));
    std::string shown_once;
    if (to->secret.empty()) {
        to->secret = WebhookSecret::make().text();
        shown_once = secret_member(*to);
    }
    return ParsedDestination{.json = to->to_json(),
                             .default_name = to->default_name(),
                             .default_order = StreamOrder::loose,
                             .shown_once = std::move(shown_once)};
}

std::string WebhookSinkType::describe(std::string_view destination) const {
    return WebhookDestination::from_json(destination).describe();
}

std::expected<ParsedDestination, std::string> WebhookSinkType::rotate_secret(std::string_view destination,
                                                                             Timestamp now) const {
    const auto to = WebhookDestination::from_json(destination).rotated(now);
    if (!to) return std::unexpected(to.error());
    return ParsedDestination{.json = to->to_json(),
                             .default_name = to->default_name(),
                             .default_order = StreamOrder::loose,
                             .shown_once = secret_member(*to) + ",\"old_signs_until\":" +
                                           to_json_string(format_time(now + kFormerSecretLife))};
}

std::expected<void, std::string> WebhookSinkType::verify(std::string_view /*destination*/) const {
    return {};
}

std::unique_ptr<Sink> WebhookSinkType::open(StreamId /*stream*/, std::string_view destination) const {
    auto target = WebhookTarget::make(WebhookDestination::from_json(destination));
    if (!target) return nullptr;
    if (!is_for_http_client(target->uri))
        return std::make_unique<WebhookSink<CurlClient<WebhookTransfer>>>(curl_client_, std::move(target));
    const std::size_t place = std::hash<std::string>{}(target->uri.authority()) % http_clients_.size();
    return std::make_unique<WebhookSink<HttpClient>>(http_clients_[place], std::move(target));
}

}  // namespace headwater::sinks
