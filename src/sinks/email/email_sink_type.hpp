#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/sink.hpp"
#include "sinks/email/smtp_server.hpp"

namespace headwater::sinks {

struct MailOffice;

/// The kind of stream that sends each event as mail, to each recipient one of his own.
class EmailSinkType final : public SinkType {
  public:
    /// Without a server such streams are refused, and stored ones wait.
    explicit EmailSinkType(const std::optional<SmtpServer>& server);
    ~EmailSinkType() override;

    [[nodiscard]] std::string_view source() const override { return "email"; }
    [[nodiscard]] std::expected<ParsedDestination, std::vector<FieldError>> parse(
        std::string_view stream_json, std::optional<std::string_view> stored) const override;
    [[nodiscard]] std::string describe(std::string_view destination) const override;
    /// Only whether there is a mail server to send with: whether an address exists shows with the first mail.
    [[nodiscard]] std::expected<void, std::string> verify(std::string_view destination) const override;
    [[nodiscard]] std::unique_ptr<Sink> open(StreamId stream, std::string_view destination) const override;

  private:
    std::shared_ptr<MailOffice> office_;  // null: no mail server
};

}  // namespace headwater::sinks
