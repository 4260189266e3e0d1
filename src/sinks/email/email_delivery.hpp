#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/sink.hpp"
#include "sinks/email/email_message.hpp"
#include "sinks/email/sent_mails.hpp"

namespace headwater::sinks {

/// One event on its way to all recipients of a stream: gathers how each mail ended and settles the delivery
/// behind the last. After it is made it belongs to the client's thread.
class EmailDelivery {
  public:
    EmailDelivery(std::shared_ptr<const EmailTarget> target, std::shared_ptr<SentMails> sent, StreamId stream,
                  Delivery delivery, std::size_t mails);

    /// Made for the first mail, kept for the others.
    [[nodiscard]] const EmailMessage& message(const std::string& sender);
    /// The mail to one recipient has ended. One that is worse than the others stands for all.
    void note(const std::string& recipient, DeliveryResult result);

  private:
    void settle();

    std::shared_ptr<const EmailTarget> target_;
    std::shared_ptr<SentMails> sent_;
    SentMails::Key key_;
    Delivery delivery_;
    std::size_t open_;
    std::size_t mails_;
    std::size_t unsent_ = 0;
    std::optional<EmailMessage> message_;
    DeliveryResult worst_;
};

}  // namespace headwater::sinks
