#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace headwater {

/// Appends `text` (UTF-8) as a JSON string with its quotes; only what must be escaped is escaped.
void append_json_string(std::string& out, std::string_view text);
[[nodiscard]] std::string to_json_string(std::string_view text);

/// Checks one complete JSON text by the rules of intake (RFC 8259 and: valid UTF-8, no NUL byte, no BOM, no
/// lone surrogate escape, nesting at most `max_depth`, nothing after the value, numbers at most 1,000
/// characters long). The error is one sentence with the offset.
[[nodiscard]] std::expected<void, std::string> check_json(std::string_view text, int max_depth = 128);

[[nodiscard]] bool is_valid_utf8(std::string_view text);
/// The text with U+FFFD in place of each byte that is part of no well-formed sequence: for showing bytes of
/// others.
[[nodiscard]] std::string to_valid_utf8(std::string_view text);

}  // namespace headwater
