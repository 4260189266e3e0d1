#pragma once

#include <string>
#include <string_view>

namespace headwater::sinks {

/// The text's base64 in lines of 76 characters with CRLF behind each (RFC 2045 section 6.8).
[[nodiscard]] std::string to_mime_base64(std::string_view text);

/// A header's text in one or more lines of at most 78 characters: as it is when it is short ASCII, else as
/// encoded words (RFC 2047). Control characters become spaces, so no value can begin another header. `text`
/// is UTF-8; the name's length counts for the first line.
[[nodiscard]] std::string to_header_text(std::string_view text, std::size_t name_length);

/// A moment as in RFC 5322 section 3.3: "Thu, 01 Feb 2018 11:12:01 +0000".
[[nodiscard]] std::string to_mail_date(long long unix_seconds);

/// Line ends as mail has them: CRLF.
[[nodiscard]] std::string with_crlf(std::string_view text);

[[nodiscard]] std::string to_html_text(std::string_view text);

}  // namespace headwater::sinks
