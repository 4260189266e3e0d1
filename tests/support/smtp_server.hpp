#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "postgres/process.hpp"
#include "tests/support/temp_dir.hpp"

namespace headwater::testing {

/// A mail as it came.
struct ReceivedMail {
    std::string sender;
    std::vector<std::string> recipients;
    std::map<std::string, std::string> headers;  ///< decoded
    std::string raw_headers;
    std::string text;
    std::string html;
    bool is_over_tls = false;
};

/// A mail server (aiosmtpd, tests/support/smtp_server.py) that fails as it is told; its faults stand there.
/// Dies with the thread that made it.
class SmtpServer {
  public:
    /// With credentials it asks for TLS under a certificate of its own, and for them.
    explicit SmtpServer(const std::string& user_and_password = "");

    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] std::string url() const;
    [[nodiscard]] std::string certificate() const { return (folder_ / "cert.pem").string(); }
    [[nodiscard]] std::vector<ReceivedMail> mails() const;
    /// Answers RCPT for this address so, `times` times (0: always); "" ends it.
    void answer_recipient(const std::string& address, const std::string& reply, int times = 0) const;
    void answer_mail(const std::string& reply, int times = 0) const;
    void set_mode(const std::string& mode) const { control(R"({"do":"mode","mode":")" + mode + "\"}"); }
    void stop() const { control(R"({"do":"stop"})"); }
    void start() const { control(R"({"do":"start"})"); }

  private:
    std::string control(const std::string& order) const;
    void make_certificate() const;

    TempDir folder_;
    std::uint16_t port_ = 0;
    std::uint16_t control_port_ = 0;
    std::optional<postgres::ChildProcess> process_;
};

}  // namespace headwater::testing
