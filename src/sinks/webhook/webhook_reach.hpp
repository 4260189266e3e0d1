#pragma once

#include <curl/curl.h>

#include <chrono>

#include "sinks/curl/curl_easy.hpp"
#include "sinks/webhook/address_guard.hpp"

namespace headwater::sinks {

/// What keeps a webhook's curl handle from reaching where it must not, or from taking for ever: every address
/// is shown to the guard after resolution, as the connection is made. Must outlive the transfer and not move.
class WebhookReach {
  public:
    explicit WebhookReach(const AddressGuard& guard) : guard_(guard) {}
    WebhookReach(const WebhookReach&) = delete;
    WebhookReach& operator=(const WebhookReach&) = delete;

    void limit(CURL* easy, std::chrono::milliseconds timeout);
    /// Why the transfer failed, in one sentence.
    [[nodiscard]] std::string sentence_of(CURLcode code) const;

  private:
    static curl_socket_t on_open_socket(void* self, curlsocktype purpose, curl_sockaddr* address);

    const AddressGuard& guard_;
    bool is_address_refused_ = false;
};

}  // namespace headwater::sinks
