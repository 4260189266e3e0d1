#pragma once

#include <chrono>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "core/errors.hpp"

namespace headwater::sinks {

/// To whom and how an e-mail stream writes: as its registration says (schema/openapi.yaml).
struct EmailDestination {
    static constexpr std::size_t kMaxRecipients = 50;

    std::vector<std::string> to;
    std::string subject;                        ///< a template; "" = the default one
    std::string template_;                      ///< the mail's text, a template; "" = the default one
    std::vector<std::chrono::seconds> retries;  ///< empty = the default schedule

    /// Reads a stream object; every mistake at once.
    [[nodiscard]] static std::expected<EmailDestination, std::vector<FieldError>> parse(
        std::string_view stream_json);
    /// Reads what to_json wrote.
    [[nodiscard]] static EmailDestination from_json(std::string_view json);
    [[nodiscard]] std::string to_json() const;
    /// The members as a JSON fragment.
    [[nodiscard]] std::string describe() const;
    /// "email-ops-example.org": from the recipients.
    [[nodiscard]] std::string default_name() const;
};

}  // namespace headwater::sinks
