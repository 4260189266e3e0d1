#include "sinks/email/email_sink_type.hpp"

#include <curl/curl.h>

#include "sinks/email/email_destination.hpp"
#include "sinks/email/email_sink.hpp"

namespace headwater::sinks {

EmailSinkType::EmailSinkType(const std::optional<SmtpServer>& server) {
    if (!server) return;
    curl_global_init(CURL_GLOBAL_DEFAULT);  // counted, and safe in threads since 7.84
    office_ = std::make_shared<MailOffice>(*server);
}

EmailSinkType::~EmailSinkType() = default;

std::expected<ParsedDestination, std::vector<FieldError>> EmailSinkType::parse(
    std::string_view stream_json, std::optional<std::string_view> /*stored*/) const {
    const auto to = EmailDestination::parse(stream_json);
    if (!to) return std::unexpected(to.error());
    return ParsedDestination{.json = to->to_json(),
                             .default_name = to->default_name(),
                             .default_order = StreamOrder::loose,
                             .shown_once = {}};
}

std::string EmailSinkType::describe(std::string_view destination) const {
    return EmailDestination::from_json(destination).describe();
}

std::expected<void, std::string> EmailSinkType::verify(std::string_view /*destination*/) const {
    if (office_) return {};
    return std::unexpected("This server sends no mail: it was started without --smtp-url.");
}

std::unique_ptr<Sink> EmailSinkType::open(StreamId stream, std::string_view destination) const {
    auto target = std::make_shared<const EmailTarget>(EmailDestination::from_json(destination));
    return std::make_unique<EmailSink>(office_, std::move(target), stream);
}

}  // namespace headwater::sinks
