#pragma once

#include <curl/curl.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "sinks/curl/curl_easy.hpp"
#include "sinks/email/email_delivery.hpp"
#include "sinks/email/smtp_server.hpp"
#include "sinks/task_queue.hpp"

namespace headwater::sinks {

/// One event's mail to one recipient.
struct MailTask {
    SinkKey sink{};
    std::shared_ptr<EmailDelivery> delivery;
    std::string recipient;
    std::chrono::steady_clock::time_point not_before;
};

/// One mail over SMTP (RFC 5321), a transaction of its own. Belongs to the client's thread.
class SmtpTransfer {
  public:
    using Task = MailTask;
    using Context = SmtpServer;

    SmtpTransfer(CurlEasy easy, MailTask task, const SmtpServer& server);
    SmtpTransfer(const SmtpTransfer&) = delete;
    SmtpTransfer& operator=(const SmtpTransfer&) = delete;

    [[nodiscard]] CURL* easy() const { return easy_.get(); }
    [[nodiscard]] SinkKey sink() const { return task_.sink; }
    CurlEasy finish(CURLcode code);
    CurlEasy abandon(const std::string& reason);
    static void abandon(MailTask task, const std::string& reason);

  private:
    /// What the server is asked for; its answer tells what a refusal is about.
    enum class Stage { session, mail, recipient, data, message };

    void set_options(const SmtpServer& server);
    void set_security(const SmtpServer& server);
    [[nodiscard]] DeliveryResult result_of(CURLcode code);
    [[nodiscard]] DeliveryResult result_of_reply();
    [[nodiscard]] DeliveryResult result_of_loss(CURLcode code) const;
    void on_command(std::string_view command);
    void on_reply(std::string_view line);

    static int on_debug(CURL* easy, curl_infotype kind, char* data, std::size_t size, void* self);
    static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
    static std::size_t on_read(char* data, std::size_t size, std::size_t count, void* self);

    CurlEasy easy_;
    MailTask task_;
    CurlList recipients_;
    std::string message_;
    std::size_t read_ = 0;
    Stage stage_ = Stage::session;
    bool is_over_ = false;  // curl takes its leave
    int reply_ = 0;         // to the last command; 0: none yet
    std::string replies_;
};

}  // namespace headwater::sinks
