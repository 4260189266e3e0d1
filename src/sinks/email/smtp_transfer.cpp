#include "sinks/email/smtp_transfer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <utility>

namespace headwater::sinks {
namespace {

using Outcome = DeliveryResult::Outcome;

constexpr long kConnectMilliseconds = 10'000;
constexpr std::size_t kMaxRepliesKept = 2'000;

Timestamp now() {
    return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

DeliveryResult result(Outcome outcome, std::string reason) {
    DeliveryResult made;
    made.outcome = outcome;
    made.reason = std::move(reason);
    return made;
}

}  // namespace

SmtpTransfer::SmtpTransfer(CurlEasy easy, MailTask task, const SmtpServer& server)
    : easy_(std::move(easy)), task_(std::move(task)) {
    curl_easy_reset(easy_.get());  // keeps connections and caches
    message_ = task_.delivery->message(server.sender).to(task_.recipient, now());
    set_options(server);
    set_security(server);
}

void SmtpTransfer::set_options(const SmtpServer& server) {
    CURL* easy = easy_.get();
    auto* self = static_cast<void*>(this);
    recipients_.reset(curl_slist_append(nullptr, task_.recipient.c_str()));
    set_option(easy, CURLOPT_URL, server.url.c_str());
    set_option(easy, CURLOPT_MAIL_FROM, server.sender.c_str());
    set_option(easy, CURLOPT_MAIL_RCPT, recipients_.get());
    set_option(easy, CURLOPT_UPLOAD, 1L);
    set_option(easy, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(message_.size()));
    set_option(easy, CURLOPT_READFUNCTION, &on_read);
    set_option(easy, CURLOPT_READDATA, self);
    set_option(easy, CURLOPT_HEADERFUNCTION, &on_header);
    set_option(easy, CURLOPT_HEADERDATA, self);
    // The only way to learn what the server was asked when it refused.
    set_option(easy, CURLOPT_VERBOSE, 1L);
    set_option(easy, CURLOPT_DEBUGFUNCTION, &on_debug);
    set_option(easy, CURLOPT_DEBUGDATA, self);
    set_option(easy, CURLOPT_TIMEOUT_MS,
               static_cast<long>(std::chrono::milliseconds(server.timeout).count()));
    set_option(easy, CURLOPT_CONNECTTIMEOUT_MS, kConnectMilliseconds);
    set_option(easy, CURLOPT_PROXY, "");
    set_option(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    set_option(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    set_option(easy, CURLOPT_NOSIGNAL, 1L);
}

/// Credentials go out over verified TLS alone. Without them TLS is taken where it is offered, whoever
/// certifies it (RFC 7435): it can only be better than none.
void SmtpTransfer::set_security(const SmtpServer& server) {
    CURL* easy = easy_.get();
    const bool is_strict = server.has_credentials() || server.url.starts_with("smtps://");
    set_option(easy, CURLOPT_USE_SSL, static_cast<long>(is_strict ? CURLUSESSL_ALL : CURLUSESSL_TRY));
    set_option(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    set_option(easy, CURLOPT_SSL_VERIFYPEER, is_strict ? 1L : 0L);
    set_option(easy, CURLOPT_SSL_VERIFYHOST, is_strict ? 2L : 0L);
    if (!server.certificates.empty()) set_option(easy, CURLOPT_CAINFO, server.certificates.c_str());
    if (!server.has_credentials()) return;
    set_option(easy, CURLOPT_USERNAME, server.user.c_str());
    set_option(easy, CURLOPT_PASSWORD, server.password.c_str());
}

CurlEasy SmtpTransfer::finish(CURLcode code) {
    DeliveryResult result = result_of(code);
    result.status = reply_;
    result.duration = std::max(duration_of(easy_.get()), std::chrono::microseconds(1));
    result.response = std::move(replies_);
    task_.delivery->note(task_.recipient, std::move(result));
    return std::move(easy_);
}

CurlEasy SmtpTransfer::abandon(const std::string& reason) {
    abandon(std::move(task_), reason);
    return std::move(easy_);
}

void SmtpTransfer::abandon(MailTask task, const std::string& reason) {
    task.delivery->note(task.recipient, result(Outcome::unavailable, reason));
}

DeliveryResult SmtpTransfer::result_of(CURLcode code) {
    if (code == CURLE_OK) return {};
    return reply_ >= 400 ? result_of_reply() : result_of_loss(code);
}

/// RFC 5321 section 4.2.1: 4yz may go better later, 5yz never will. What is said before MAIL is about the
/// server or the account, and 421 about the connection: no event's fault.
DeliveryResult SmtpTransfer::result_of_reply() {
    switch (stage_) {
        case Stage::session:
            return result(Outcome::unavailable,
                          fmt::format("The mail server does not take us ({}).", reply_));
        case Stage::mail:
        case Stage::recipient:
        case Stage::data:
        case Stage::message:
            break;
    }
    if (reply_ == 421) return result(Outcome::unavailable, "The mail server is closing (421).");
    const std::string_view what = stage_ == Stage::recipient ? "recipient"
                                  : stage_ == Stage::mail    ? "sender"
                                                             : "mail";
    if (reply_ < 500)
        return result(Outcome::failed, fmt::format("The mail server put the {} off ({}).", what, reply_));
    return result(Outcome::rejected, fmt::format("The mail server refused the {} ({}).", what, reply_));
}

DeliveryResult SmtpTransfer::result_of_loss(CURLcode code) const {
    if (stage_ == Stage::message) {
        return result(Outcome::failed, "The mail server's answer was lost; the mail has perhaps been sent.");
    }
    // Nothing was answered to MAIL yet: a connection that was kept and had ended meanwhile, or a server that
    // is away.
    const Outcome outcome = stage_ <= Stage::mail ? Outcome::unavailable : Outcome::failed;
    switch (code) {
        case CURLE_COULDNT_RESOLVE_HOST:
            return result(outcome, "The mail server's name cannot be resolved.");
        case CURLE_COULDNT_CONNECT:
            return result(outcome, "The mail server takes no connections.");
        case CURLE_OPERATION_TIMEDOUT:
            return result(outcome, "The mail server did not answer in time.");
        case CURLE_PEER_FAILED_VERIFICATION:
            return result(outcome, "The mail server's TLS certificate cannot be verified.");
        case CURLE_USE_SSL_FAILED:
            return result(outcome, "The mail server offers no TLS, which credentials need.");
        case CURLE_LOGIN_DENIED:
            return result(outcome, "The mail server refuses the credentials.");
        default:
            return result(outcome, fmt::format("The connection to the mail server failed (curl {}).",
                                               static_cast<int>(code)));
    }
}

void SmtpTransfer::on_command(std::string_view command) {
    if (command.starts_with("QUIT")) is_over_ = true;  // what it answers to that tells nothing
    if (is_over_) return;
    if (command.starts_with("MAIL ")) stage_ = Stage::mail;
    if (command.starts_with("RCPT ")) stage_ = Stage::recipient;
    if (command.starts_with("DATA")) stage_ = Stage::data;
    reply_ = 0;
}

void SmtpTransfer::on_reply(std::string_view line) {
    if (is_over_) return;
    if (replies_.size() + line.size() <= kMaxRepliesKept) replies_ += line;
    const bool is_last_line = line.size() < 4 || line[3] != '-';
    if (is_last_line)
        std::from_chars(line.data(), line.data() + std::min<std::size_t>(line.size(), 3), reply_);
}

int SmtpTransfer::on_debug(CURL* /*easy*/, curl_infotype kind, char* data, std::size_t size, void* self) {
    if (kind == CURLINFO_HEADER_OUT) static_cast<SmtpTransfer*>(self)->on_command({data, size});
    return 0;
}

std::size_t SmtpTransfer::on_header(char* data, std::size_t size, std::size_t count, void* self) {
    static_cast<SmtpTransfer*>(self)->on_reply({data, size * count});
    return size * count;
}

std::size_t SmtpTransfer::on_read(char* data, std::size_t size, std::size_t count, void* self) {
    auto* transfer = static_cast<SmtpTransfer*>(self);
    transfer->stage_ = Stage::message;
    transfer->reply_ = 0;
    const std::size_t length = std::min(size * count, transfer->message_.size() - transfer->read_);
    std::memcpy(data, transfer->message_.data() + transfer->read_, length);
    transfer->read_ += length;
    return length;
}

}  // namespace headwater::sinks
