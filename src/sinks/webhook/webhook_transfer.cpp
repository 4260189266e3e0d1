#include "sinks/webhook/webhook_transfer.hpp"

#include <algorithm>
#include <new>
#include <utility>

#include "core/cloud_event.hpp"
#include "sinks/settle.hpp"
#include "sinks/webhook/webhook_answer.hpp"

namespace headwater::sinks {
namespace {

/// Both forms; curl has done the reading.
std::optional<std::chrono::seconds> retry_after_of(CURL* easy) {
    curl_off_t seconds = 0;
    curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &seconds);
    if (seconds <= 0) return std::nullopt;
    return std::chrono::seconds(seconds);
}

}  // namespace

WebhookTransfer::WebhookTransfer(CurlEasy easy, WebhookTask task, const AddressGuard& guard)
    : easy_(std::move(easy)), task_(std::move(task)), reach_(guard) {
    curl_easy_reset(easy_.get());  // keeps connections and caches
    if (task_.target->wants_cloud_events()) cloud_event_ = to_cloud_event(*task_.delivery.event);
    set_options();
    reach_.limit(easy_.get(), task_.target->to.timeout);
    set_headers();
}

const std::string& WebhookTransfer::body() const {
    return task_.target->wants_cloud_events() ? cloud_event_ : task_.delivery.event->json;
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
    set_option(easy, CURLOPT_USERAGENT, kUserAgent);
}

void WebhookTransfer::set_headers() {
    add_header("Expect:");  // no waiting for 100 Continue
    for_each_header(*task_.target, task_.delivery, body(), signing_time(),
                    [this](std::string_view name, std::string_view value) {
                        // "name;" is how curl spells a header without a value.
                        std::string line(name);
                        if (value.empty()) {
                            line += ';';
                        } else {
                            line.append(": ").append(value);
                        }
                        add_header(line);
                    });
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
    settle_unavailable(task_.delivery, reason);
    return std::move(easy_);
}

void WebhookTransfer::abandon(WebhookTask task, const std::string& reason) {
    settle_unavailable(task.delivery, reason);
}

DeliveryResult WebhookTransfer::result_of(CURLcode code) {
    const bool is_cut_off = code == CURLE_WRITE_ERROR && response_size_ > kMaxResponseRead;
    const int status = static_cast<int>(status_of(easy_.get()));
    DeliveryResult result = code == CURLE_OK || is_cut_off ? judge(status, retry_after_of(easy_.get()))
                                                           : failure(reach_.sentence_of(code));
    result.status = status;
    result.duration = duration_of(easy_.get());
    result.response = std::move(response_);
    return result;
}

std::size_t WebhookTransfer::on_body(char* bytes, std::size_t size, std::size_t count, void* self) {
    auto* transfer = static_cast<WebhookTransfer*>(self);
    const std::size_t length = size * count;
    const std::size_t room = kMaxResponseKept - transfer->response_.size();
    transfer->response_.append(bytes, std::min(room, length));
    transfer->response_size_ += length;
    return transfer->response_size_ > kMaxResponseRead ? 0 : length;
}

}  // namespace headwater::sinks
