#pragma once

#include <curl/curl.h>

#include <string>
#include <string_view>

#include "sinks/curl/curl_easy.hpp"
#include "sinks/webhook/webhook_reach.hpp"
#include "sinks/webhook/webhook_target.hpp"

namespace headwater::sinks {

/// One POST of one event by libcurl: what goes over TLS. Belongs to the client's thread; must not move while
/// the handle is in use.
class WebhookTransfer {
  public:
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
    void set_options();
    void set_headers();
    void add_header(const std::string& line);
    [[nodiscard]] DeliveryResult result_of(CURLcode code);

    static std::size_t on_body(char* bytes, std::size_t size, std::size_t count, void* self);

    CurlEasy easy_;
    WebhookTask task_;
    std::string cloud_event_;  // the body, when the stream asks for that format
    WebhookReach reach_;
    CurlList headers_;
    std::string response_;
    std::size_t response_size_ = 0;
};

}  // namespace headwater::sinks
