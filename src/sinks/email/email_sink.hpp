#pragma once

#include <memory>
#include <vector>

#include "core/sink.hpp"
#include "sinks/curl/curl_client.hpp"
#include "sinks/email/mail_pacer.hpp"
#include "sinks/email/smtp_transfer.hpp"

namespace headwater::sinks {

/// What all e-mail streams share.
struct MailOffice {
    explicit MailOffice(const SmtpServer& server);

    static constexpr std::size_t kMaxTransfers = 8;  // a mail server rarely takes more from one client

    std::shared_ptr<SentMails> sent = std::make_shared<SentMails>();
    MailPacer pacer;
    CurlClient<SmtpTransfer> client;
};

/// One stream's way to its recipients. Without an office (no mail server is configured) nothing is delivered.
class EmailSink final : public Sink {
  public:
    EmailSink(std::shared_ptr<MailOffice> office, std::shared_ptr<const EmailTarget> target, StreamId stream);
    ~EmailSink() override;

    void deliver(Delivery delivery) override;
    [[nodiscard]] std::size_t window() const override { return kWindow; }
    [[nodiscard]] std::vector<std::chrono::seconds> retries() const override { return target_->to.retries; }

  private:
    static constexpr std::size_t kWindow = 32;

    std::shared_ptr<MailOffice> office_;
    std::shared_ptr<const EmailTarget> target_;
    StreamId stream_;
    SinkKey key_{};
};

}  // namespace headwater::sinks
