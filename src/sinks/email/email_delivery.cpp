#include "sinks/email/email_delivery.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace headwater::sinks {
namespace {

using Outcome = DeliveryResult::Outcome;

/// A mail that can still come about goes before one that cannot: the event is tried again as long as there is
/// one.
int badness(Outcome outcome) {
    switch (outcome) {
        case Outcome::delivered:
            return 0;
        case Outcome::stop:
        case Outcome::rejected:
            return 1;
        case Outcome::failed:
            return 2;
        case Outcome::unavailable:
            return 3;
    }
    return 0;
}

}  // namespace

EmailDelivery::EmailDelivery(std::shared_ptr<const EmailTarget> target, std::shared_ptr<SentMails> sent,
                             StreamId stream, Delivery delivery, std::size_t mails)
    : target_(std::move(target)),
      sent_(std::move(sent)),
      key_{stream, delivery.event->id, delivery.replay},
      delivery_(std::move(delivery)),
      open_(mails),
      mails_(mails) {}

const EmailMessage& EmailDelivery::message(const std::string& sender) {
    if (!message_) message_.emplace(*target_, *delivery_.event, delivery_.replay, sender);
    return *message_;
}

void EmailDelivery::note(const std::string& recipient, DeliveryResult result) {
    if (result.outcome == Outcome::delivered) {
        sent_->add(key_, recipient);
    } else {
        ++unsent_;
    }
    const auto duration = std::max(worst_.duration, result.duration);
    const bool is_first = open_ == mails_;
    if (is_first || badness(result.outcome) > badness(worst_.outcome)) worst_ = std::move(result);
    worst_.duration = duration;
    if (--open_ == 0) settle();
}

void EmailDelivery::settle() {
    if (unsent_ == 0) sent_->forget(key_);
    worst_.progress = fmt::format("{}", fmt::join(sent_->of(key_), "\n"));
    if (unsent_ > 0 && target_->to.to.size() > 1) {
        worst_.reason = fmt::format("{} of {} recipients have no mail: {}", unsent_, target_->to.to.size(),
                                    worst_.reason);
    }
    delivery_.settle(std::move(worst_));
}

}  // namespace headwater::sinks
