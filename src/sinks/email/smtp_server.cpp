#include "sinks/email/smtp_server.hpp"

#include <curl/curl.h>
#include <unistd.h>

#include <array>
#include <memory>

#include "sinks/email/email_address.hpp"
#include "sinks/option_reader.hpp"

namespace headwater::sinks {
namespace {

struct FreeUrl {
    void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

std::string part_of(CURLU* url, CURLUPart part, unsigned flags = 0) {
    char* text = nullptr;
    if (curl_url_get(url, part, &text, flags) != CURLUE_OK) return {};
    std::string value = text;
    curl_free(text);
    return value;
}

std::string default_sender() {
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0) return "headwater@localhost";
    const std::string sender = std::string("headwater@") + name.data();
    return is_email_address(sender) ? sender : "headwater@localhost";
}

}  // namespace

std::expected<SmtpServer, std::string> SmtpServer::parse(const std::string& url, const std::string& sender) {
    const std::unique_ptr<CURLU, FreeUrl> parts(curl_url());
    const bool is_url =
        !has_controls(url) && curl_url_set(parts.get(), CURLUPART_URL, url.c_str(), 0) == CURLUE_OK;
    const std::string scheme = is_url ? part_of(parts.get(), CURLUPART_SCHEME) : "";
    const std::string host = is_url ? part_of(parts.get(), CURLUPART_HOST) : "";
    if ((scheme != "smtp" && scheme != "smtps") || host.empty()) {
        return std::unexpected("expected smtp://[user:password@]host[:port] or smtps://…");
    }
    SmtpServer server;
    const std::string port = part_of(parts.get(), CURLUPART_PORT);
    server.url = scheme + "://" + host + (port.empty() ? "" : ":" + port);
    server.user = part_of(parts.get(), CURLUPART_USER, CURLU_URLDECODE);
    server.password = part_of(parts.get(), CURLUPART_PASSWORD, CURLU_URLDECODE);
    server.sender = sender.empty() ? default_sender() : sender;
    if (!is_email_address(server.sender)) return std::unexpected("the sender is no e-mail address");
    return server;
}

}  // namespace headwater::sinks
