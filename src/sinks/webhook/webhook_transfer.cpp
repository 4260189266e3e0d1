#include "sinks/webhook/webhook_transfer.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <new>
#include <utility>

#include "core/cloud_event.hpp"

namespace headwater::sinks {
namespace {

using Outcome = DeliveryResult::Outcome;

Timestamp now() {
    return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

/// RFC 9110 section 10.2.3, both forms; curl has done the reading.
std::optional<std::chrono::seconds> retry_after_of(CURL* easy) {
    curl_off_t seconds = 0;
    curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &seconds);
    if (seconds <= 0) return std::nullopt;
    return std::chrono::seconds(seconds);
}

}  // namespace

std::shared_ptr<const WebhookTarget> WebhookTarget::make(WebhookDestination to) {
    auto secret = WebhookSecret::parse(to.secret);
    if (!secret) return nullptr;
    WebhookTarget target{.to = std::move(to), .secret = std::move(*secret)};
    for (const auto& [text, until] : target.to.former_secrets) {
        if (auto former = WebhookSecret::parse(text)) {
            target.former_secrets.emplace_back(std::move(*former), until);
        }
    }
    return std::make_shared<const WebhookTarget>(std::move(target));
}

std::string WebhookTarget::sign(std::string_view id, std::string_view timestamp, std::string_view body,
                                Timestamp now) const {
    std::string signatures = secret.sign(id, timestamp, body);
    for (const auto& [former, until] : former_secrets) {
        if (now < until) signatures += " " + former.sign(id, timestamp, body);
    }
    return signatures;
}

WebhookTransfer::WebhookTransfer(CurlEasy easy, WebhookTask task, const AddressGuard& guard)
    : easy_(std::move(easy)), task_(std::move(task)), guard_(guard) {
    curl_easy_reset(easy_.get());  // keeps connections and caches
    if (is_cloud_event()) cloud_event_ = to_cloud_event(*task_.delivery.event);
    set_options();
    set_limits();
    set_headers(now());
}

bool WebhookTransfer::is_cloud_event() const {
    return task_.target->to.format == WebhookDestination::Format::cloudevents;
}

const std::string& WebhookTransfer::body() const {
    return is_cloud_event() ? cloud_event_ : task_.delivery.event->json;
}

void WebhookTransfer::set_options() {
    CURL* easy = easy_.get();
    set_option(easy, CURLOPT_URL, task_.target->to.uri.c_str());
    set_option(easy, CURLOPT_POST, 1L);
    set_option(easy, CURLOPT_POSTFIELDS, body().data());
    set_option(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body().size()));
    set_option(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set_option(easy, CURLOPT_WRITEFUNCTION, &on_body);
    set_option(easy, CURLOPT_WRITEDATA, static_cast<void*>(this));
    set_option(easy, CURLOPT_PRIVATE, static_cast<void*>(this));
    set_option(easy, CURLOPT_USERAGENT, "Headwater");
}

/// What keeps a webhook from reaching where it must not, or from taking for ever.
void WebhookTransfer::set_limits() {
    CURL* easy = easy_.get();
    const long timeout = static_cast<long>(std::chrono::milliseconds(task_.target->to.timeout).count());
    set_option(easy, CURLOPT_TIMEOUT_MS, timeout);
    set_option(easy, CURLOPT_CONNECTTIMEOUT_MS, std::min(kConnectMilliseconds, timeout));
    set_option(easy, CURLOPT_OPENSOCKETFUNCTION, &on_open_socket);
    set_option(easy, CURLOPT_OPENSOCKETDATA, static_cast<void*>(this));
    set_option(easy, CURLOPT_PROXY, "");
    set_option(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    set_option(easy, CURLOPT_FOLLOWLOCATION, 0L);
    set_option(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    set_option(easy, CURLOPT_NOSIGNAL, 1L);
    set_option(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    set_option(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    set_option(easy, CURLOPT_SSL_VERIFYHOST, 2L);
}

void WebhookTransfer::set_headers(Timestamp signed_at) {
    const std::string id = to_string(task_.delivery.event->id);
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(signed_at.time_since_epoch()).count();
    const std::string timestamp = std::to_string(seconds);
    add_header(is_cloud_event() ? "Content-Type: application/cloudevents+json"
                                : "Content-Type: application/json");
    add_header("Expect:");  // no waiting for 100 Continue
    add_header("webhook-id: " + id);
    add_header("webhook-timestamp: " + timestamp);
    add_header("webhook-signature: " + task_.target->sign(id, timestamp, body(), signed_at));
    if (task_.delivery.replay.value != 0) {
        add_header("Headwater-Replay: " + to_string(task_.delivery.replay));
    }
    for (const auto& [name, value] : task_.target->to.headers) {
        // "name;" is how curl spells a header without a value.
        add_header(value.empty() ? name + ";" : name + ": " + value);
    }
    set_option(easy_.get(), CURLOPT_HTTPHEADER, headers_.get());
}

void WebhookTransfer::add_header(const std::string& line) {
    curl_slist* longer = curl_slist_append(headers_.get(), line.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    (void)headers_.release();
    headers_.reset(longer);
}

CurlEasy WebhookTransfer::finish(CURLcode code) {
    task_.delivery.settle(result_of(code));
    return std::move(easy_);
}

CurlEasy WebhookTransfer::abandon(const std::string& reason) {
    abandon(std::move(task_), reason);
    return std::move(easy_);
}

void WebhookTransfer::abandon(WebhookTask task, const std::string& reason) {
    DeliveryResult result;
    result.outcome = Outcome::unavailable;
    result.reason = reason;
    task.delivery.settle(std::move(result));
}

DeliveryResult WebhookTransfer::result_of(CURLcode code) {
    DeliveryResult result;
    const long status = status_of(easy_.get());
    result.status = static_cast<int>(status);
    result.duration = duration_of(easy_.get());
    result.response = std::move(response_);
    const bool is_cut_off = code == CURLE_WRITE_ERROR && response_size_ > kMaxResponseRead;
    result.outcome = Outcome::failed;
    if (code != CURLE_OK && !is_cut_off) {
        result.reason = sentence_of(code);
    } else if (status >= 200 && status < 300) {
        result.outcome = Outcome::delivered;
    } else if (status == 410) {
        result.outcome = Outcome::stop;
        result.reason = "The webhook wants no more events (HTTP 410).";
    } else if (status >= 300 && status < 400) {
        result.reason =
            fmt::format("The webhook answered with a redirect, which is not followed (HTTP {}).", status);
    } else {
        result.reason = fmt::format("The webhook answered HTTP {}.", status);
        if (status == 429 || status == 503) result.retry_after = retry_after_of(easy_.get());
    }
    return result;
}

std::string WebhookTransfer::sentence_of(CURLcode code) const {
    if (is_address_refused_)
        return "The webhook's address is private or reserved, and no --webhook-allow names its network.";
    switch (code) {
        case CURLE_COULDNT_RESOLVE_HOST:
            return "The webhook's host name cannot be resolved.";
        case CURLE_COULDNT_CONNECT:
            return "The webhook's host does not take connections.";
        case CURLE_OPERATION_TIMEDOUT:
            return "The webhook did not answer in time.";
        case CURLE_PEER_FAILED_VERIFICATION:
            return "The webhook's TLS certificate cannot be verified.";
        case CURLE_SSL_CONNECT_ERROR:
            return "No TLS connection to the webhook could be made.";
        case CURLE_GOT_NOTHING:
            return "The webhook closed the connection without an answer.";
        case CURLE_SEND_ERROR:
        case CURLE_RECV_ERROR:
            return "The connection to the webhook was lost.";
        default:
            return fmt::format("The webhook could not be called (curl {}).", static_cast<int>(code));
    }
}

std::size_t WebhookTransfer::on_body(char* bytes, std::size_t size, std::size_t count, void* self) {
    auto* transfer = static_cast<WebhookTransfer*>(self);
    const std::size_t length = size * count;
    const std::size_t room = kMaxResponseKept - transfer->response_.size();
    transfer->response_.append(bytes, std::min(room, length));
    transfer->response_size_ += length;
    return transfer->response_size_ > kMaxResponseRead ? 0 : length;
}

curl_socket_t WebhookTransfer::on_open_socket(void* self, curlsocktype /*purpose*/, curl_sockaddr* address) {
    auto* transfer = static_cast<WebhookTransfer*>(self);
    if (!transfer->guard_.allows(address->addr)) {
        transfer->is_address_refused_ = true;
        return CURL_SOCKET_BAD;
    }
    transfer->is_address_refused_ = false;
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

}  // namespace headwater::sinks
