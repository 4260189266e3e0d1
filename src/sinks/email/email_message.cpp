#include "sinks/email/email_message.hpp"

#include <fmt/format.h>
#include <openssl/sha.h>

#include <array>
#include <utility>

#include "sinks/email/email_address.hpp"
#include "sinks/email/mime.hpp"

namespace headwater::sinks {
namespace {

constexpr const char* kDefaultSubject = "{type} ({id})";
constexpr const char* kDefaultText = "{type}\n\n{payload}\n\nEvent {id}, {created_at}\n";
constexpr std::size_t kMaxSubject = 400;

EmailTemplate template_of(const std::string& text, const char* otherwise) {
    return EmailTemplate::parse(text.empty() ? otherwise : text)
        .value();  // was checked when it was registered
}

std::string fingerprint(const std::string& text) {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
    std::string hex;
    for (std::size_t i = 0; i < 8; ++i) hex += fmt::format("{:02x}", digest[i]);
    return hex;
}

std::string cut(std::string text) {
    if (text.size() <= kMaxSubject) return text;
    std::size_t size = kMaxSubject;
    while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) --size;
    text.resize(size);
    return text + "…";
}

std::string part(std::string_view type, std::string_view text) {
    return fmt::format("Content-Type: {}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{}", type,
                       to_mime_base64(text));
}

std::string html_of(std::string_view text) {
    return "<!DOCTYPE html>\r\n<html><body><pre style=\"font-family:sans-serif;white-space:pre-wrap\">" +
           to_html_text(text) + "</pre></body></html>\r\n";
}

}  // namespace

EmailTarget::EmailTarget(EmailDestination destination)
    : to(std::move(destination)),
      subject(template_of(to.subject, kDefaultSubject)),
      text(template_of(to.template_, kDefaultText)) {}

EmailMessage::EmailMessage(const EmailTarget& target, const Event& event, ReplayId replay,
                           const std::string& sender)
    : sender_(sender), name_(to_string(event.id)) {
    subject_ = to_header_text(cut(target.subject.render(event)), std::string_view("Subject").size());
    more_ = fmt::format("Headwater-Event: {}\r\n", to_string(event.id));
    if (replay.value != 0) {
        name_ += ".replay" + to_string(replay);
        more_ += fmt::format("Headwater-Replay: {}\r\n", to_string(replay));
    }
    const std::string text = with_crlf(target.text.render(event));
    // No line of base64 begins with a hyphen, so the boundary cannot stand inside of a part.
    const std::string boundary = "=_headwater_" + name_;
    parts_ = fmt::format(
        "MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=\"{0}\"\r\n\r\n"
        "--{0}\r\n{1}--{0}\r\n{2}--{0}--\r\n",
        boundary, part("text/plain", text), part("text/html", html_of(text)));
}

std::string EmailMessage::to(const std::string& recipient, Timestamp now) const {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
    return fmt::format(
        "From: {}\r\nTo: {}\r\nSubject: {}\r\nDate: {}\r\nMessage-ID: {}\r\nAuto-Submitted: "
        "auto-generated\r\n{}{}",
        sender_, recipient, subject_, to_mail_date(seconds), message_id(recipient), more_, parts_);
}

std::string EmailMessage::message_id(const std::string& recipient) const {
    return fmt::format("<{}.{}@{}>", name_, fingerprint(recipient), domain_of(sender_));
}

}  // namespace headwater::sinks
