#pragma once

#include <chrono>
#include <expected>
#include <string>

namespace headwater::sinks {

/// The mail server that takes all mail, as `--smtp-url` and `--mail-from` name it.
struct SmtpServer {
    std::string url;  ///< smtp://host:port or smtps://host:port, without credentials
    std::string user;
    std::string password;
    std::string sender;                         ///< the address that mail comes from
    std::string certificates;                   ///< a file of trusted certificates; "" = the system's
    int mails_per_minute = 0;                   ///< to one recipient; 0 = no limit
    std::chrono::milliseconds timeout{60'000};  ///< of one mail

    /// Reads smtp[s]://[user:password@]host[:port] and an address ("" = headwater@ this host). The error is
    /// one sentence without the credentials.
    [[nodiscard]] static std::expected<SmtpServer, std::string> parse(const std::string& url,
                                                                      const std::string& sender);
    [[nodiscard]] bool has_credentials() const { return !user.empty(); }
};

}  // namespace headwater::sinks
