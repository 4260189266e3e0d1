#include "sinks/email/email_sink.hpp"

#include <ranges>
#include <string>
#include <utility>

namespace headwater::sinks {

MailOffice::MailOffice(const SmtpServer& server)
    : pacer(server.mails_per_minute), client(server, "mails", kMaxTransfers) {}

EmailSink::EmailSink(std::shared_ptr<MailOffice> office, std::shared_ptr<const EmailTarget> target,
                     StreamId stream)
    : office_(std::move(office)), target_(std::move(target)), stream_(stream) {
    if (office_) key_ = office_->client.new_sink();
}

EmailSink::~EmailSink() {
    if (office_) office_->client.close_sink(key_);
}

void EmailSink::deliver(Delivery delivery) {
    DeliveryResult settled;
    if (!office_) {
        settled.outcome = DeliveryResult::Outcome::unavailable;
        settled.reason = "No mail server is configured (--smtp-url).";
        delivery.settle(std::move(settled));
        return;
    }
    const SentMails::Key key{stream_, delivery.event->id, delivery.replay};
    for (const auto line : std::views::split(delivery.progress, '\n')) {
        if (!line.empty()) office_->sent->add(key, std::string(line.begin(), line.end()));
    }
    const auto sent = office_->sent->of(key);
    std::vector<std::string> recipients;
    for (const std::string& recipient : target_->to.to) {
        if (!sent.contains(recipient)) recipients.push_back(recipient);
    }
    if (recipients.empty()) {
        delivery.settle(std::move(settled));
        return;
    }
    const auto now = std::chrono::steady_clock::now();
    const auto all = std::make_shared<EmailDelivery>(target_, office_->sent, stream_, std::move(delivery),
                                                     recipients.size());
    for (std::string& recipient : recipients) {
        const auto turn = office_->pacer.reserve(recipient, now);
        office_->client.deliver({key_, all, std::move(recipient), turn});
    }
}

}  // namespace headwater::sinks
