#include "sinks/webhook/http_connector.hpp"

#include <fcntl.h>

#include "sinks/webhook/webhook_answer.hpp"

namespace headwater::sinks {
namespace {

/// curl closes its own descriptor of the socket; the copy stays open.
HttpConnector::Outcome take_socket(CURL* easy) {
    curl_socket_t socket = CURL_SOCKET_BAD;
    curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, &socket);
    SocketHandle copy(socket == CURL_SOCKET_BAD ? -1 : ::fcntl(socket, F_DUPFD_CLOEXEC, 0));
    if (copy.get() < 0) return std::unexpected(std::string(kConnectionLost));
    return copy;
}

}  // namespace

HttpConnector::~HttpConnector() {
    for (const auto& [easy, attempt] : attempts_) loop_.remove(easy);
}

void HttpConnector::begin(const std::string& url, std::chrono::milliseconds timeout, SinkKey sink) {
    auto attempt = std::make_unique<Attempt>(guard_, sink);
    CURL* easy = attempt->easy.get();
    set_option(easy, CURLOPT_URL, url.c_str());
    set_option(easy, CURLOPT_CONNECT_ONLY, 1L);
    attempt->reach.limit(easy, timeout);
    attempts_.emplace(easy, std::move(attempt));
    loop_.add(easy);
}

void HttpConnector::turn(const Done& done) {
    loop_.turn(TimePoint{}, [&](CURL* easy, CURLcode code) { finish(easy, code, done); });
}

void HttpConnector::finish(CURL* easy, CURLcode code, const Done& done) {
    auto attempt = std::move(attempts_.extract(easy).mapped());
    Outcome outcome =
        code == CURLE_OK ? take_socket(easy) : std::unexpected(attempt->reach.sentence_of(code));
    loop_.remove(easy);
    done(attempt->sink, attempt->begun, std::move(outcome));
}

}  // namespace headwater::sinks
