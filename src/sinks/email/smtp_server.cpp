#include "sinks/email/smtp_server.hpp"

#include <unistd.h>

#include <array>
#include <optional>

#include "sinks/curl/curl_url.hpp"
#include "sinks/email/email_address.hpp"
#include "sinks/option_reader.hpp"

namespace headwater::sinks {
namespace {

std::string default_sender() {
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0) return "headwater@localhost";
    const std::string sender = std::string("headwater@") + name.data();
    return is_email_address(sender) ? sender : "headwater@localhost";
}

}  // namespace

std::expected<SmtpServer, std::string> SmtpServer::parse(const std::string& url, const std::string& sender) {
    const auto parts = has_controls(url) ? std::nullopt : CurlUrl::parse(url);
    const std::string scheme = parts ? parts->part(CURLUPART_SCHEME) : "";
    const std::string host = parts ? parts->part(CURLUPART_HOST) : "";
    if ((scheme != "smtp" && scheme != "smtps") || host.empty()) {
        return std::unexpected("expected smtp://[user:password@]host[:port] or smtps://…");
    }
    SmtpServer server;
    const std::string port = parts->part(CURLUPART_PORT);
    server.url = scheme + "://" + host + (port.empty() ? "" : ":" + port);
    server.user = parts->part(CURLUPART_USER, CURLU_URLDECODE);
    server.password = parts->part(CURLUPART_PASSWORD, CURLU_URLDECODE);
    server.sender = sender.empty() ? default_sender() : sender;
    if (!is_email_address(server.sender)) return std::unexpected("the sender is no e-mail address");
    return server;
}

}  // namespace headwater::sinks
