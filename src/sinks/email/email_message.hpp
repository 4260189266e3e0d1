#pragma once

#include <string>

#include "core/sink.hpp"
#include "sinks/email/email_destination.hpp"
#include "sinks/email/email_template.hpp"

namespace headwater::sinks {

/// What a stream's mails have in common; made once when the sink is opened.
struct EmailTarget {
    EmailDestination to;
    EmailTemplate subject;
    EmailTemplate text;

    explicit EmailTarget(EmailDestination destination);
};

/// One event as mail, up to what differs between its recipients.
class EmailMessage {
  public:
    EmailMessage(const EmailTarget& target, const Event& event, ReplayId replay, const std::string& sender);

    /// The whole message (RFC 5322) with CRLF line ends. Repeated, it has the same Message-ID.
    [[nodiscard]] std::string to(const std::string& recipient, Timestamp now) const;

  private:
    [[nodiscard]] std::string message_id(const std::string& recipient) const;

    std::string sender_;
    std::string name_;     // of the event (and replay) within Message-ID
    std::string subject_;  // encoded
    std::string more_;     // the headers that say where it comes from
    std::string parts_;    // the body, with the header that announces it
};

}  // namespace headwater::sinks
