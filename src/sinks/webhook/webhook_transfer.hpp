#pragma once

#include <curl/curl.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/sink.hpp"
#include "sinks/curl/curl_easy.hpp"
#include "sinks/webhook/address_guard.hpp"
#include "sinks/webhook/webhook_destination.hpp"
#include "sinks/webhook/webhook_signature.hpp"

namespace headwater::sinks {

/// What a stream's deliveries have in common; made once when the sink is opened.
struct WebhookTarget {
    WebhookDestination to;
    WebhookSecret secret;
    std::vector<std::pair<WebhookSecret, Timestamp>> former_secrets{};  ///< each signs too until its end

    /// Nothing when the stored secret cannot be read.
    [[nodiscard]] static std::shared_ptr<const WebhookTarget> make(WebhookDestination to);
    /// The value of `webhook-signature`: one signature of each secret that is valid `now`, the newest first.
    [[nodiscard]] std::string sign(std::string_view id, std::string_view timestamp, std::string_view body,
                                   Timestamp now) const;
};

/// One event on its way to a webhook.
struct WebhookTask {
    SinkKey sink{};
    std::shared_ptr<const WebhookTarget> target;
    Delivery delivery;
};

/// One POST of one event: a curl handle with everything that it points to. Belongs to the client's thread;
/// must not move while the handle is in use.
class WebhookTransfer {
  public:
    static constexpr std::size_t kMaxResponseKept = 20'000;
    static constexpr std::size_t kMaxResponseRead = 65'536;  ///< a longer answer is cut off
    static constexpr long kConnectMilliseconds = 5000;

    using Task = WebhookTask;
    using Context = AddressGuard;

    /// Prepares the request; `easy` is new or was used before.
    WebhookTransfer(CurlEasy easy, WebhookTask task, const AddressGuard& guard);
    WebhookTransfer(const WebhookTransfer&) = delete;
    WebhookTransfer& operator=(const WebhookTransfer&) = delete;

    [[nodiscard]] CURL* easy() const { return easy_.get(); }
    [[nodiscard]] SinkKey sink() const { return task_.sink; }
    /// The transfer has ended with this code: settles the delivery and gives the handle back for the next
    /// one.
    CurlEasy finish(CURLcode code);
    /// The sink is closed before the answer came.
    CurlEasy abandon(const std::string& reason);
    /// The same, before it began.
    static void abandon(WebhookTask task, const std::string& reason);

  private:
    [[nodiscard]] const std::string& body() const;
    [[nodiscard]] bool is_cloud_event() const;
    void set_options();
    void set_limits();
    void set_headers(Timestamp signed_at);
    void add_header(const std::string& line);
    [[nodiscard]] DeliveryResult result_of(CURLcode code);
    [[nodiscard]] std::string sentence_of(CURLcode code) const;

    static std::size_t on_body(char* bytes, std::size_t size, std::size_t count, void* self);
    static curl_socket_t on_open_socket(void* self, curlsocktype purpose, curl_sockaddr* address);

    CurlEasy easy_;
    WebhookTask task_;
    std::string cloud_event_;  // the body, when the stream asks for that format
    const AddressGuard& guard_;
    CurlList headers_;
    std::string response_;
    std::size_t response_size_ = 0;
    bool is_address_refused_ = false;
};

}  // namespace headwater::sinks
