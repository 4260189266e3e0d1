#include "sinks/webhook/webhook_reach.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>

#include "sinks/webhook/webhook_answer.hpp"

namespace headwater::sinks {

void WebhookReach::limit(CURL* easy, std::chrono::milliseconds timeout) {
    const std::chrono::milliseconds connect = std::min<std::chrono::milliseconds>(kConnectLimit, timeout);
    set_option(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
    set_option(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(connect.count()));
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

std::string WebhookReach::sentence_of(CURLcode code) const {
    if (is_address_refused_) return kAddressRefused;
    switch (code) {
        case CURLE_COULDNT_RESOLVE_HOST:
            return kNoSuchHost;
        case CURLE_COULDNT_CONNECT:
            return kNoConnection;
        case CURLE_OPERATION_TIMEDOUT:
            return kNotInTime;
        case CURLE_PEER_FAILED_VERIFICATION:
            return "The webhook's TLS certificate cannot be verified.";
        case CURLE_SSL_CONNECT_ERROR:
            return "No TLS connection to the webhook could be made.";
        case CURLE_GOT_NOTHING:
            return kNoAnswer;
        case CURLE_SEND_ERROR:
        case CURLE_RECV_ERROR:
            return kConnectionLost;
        default:
            return fmt::format("The webhook could not be called (curl {}).", static_cast<int>(code));
    }
}

curl_socket_t WebhookReach::on_open_socket(void* self, curlsocktype /*purpose*/, curl_sockaddr* address) {
    auto* reach = static_cast<WebhookReach*>(self);
    if (!reach->guard_.allows(address->addr)) {
        reach->is_address_refused_ = true;
        return CURL_SOCKET_BAD;
    }
    reach->is_address_refused_ = false;
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

}  // namespace headwater::sinks
