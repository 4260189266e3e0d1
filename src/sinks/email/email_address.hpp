#pragma once

#include <string_view>

namespace headwater::sinks {

/// True for a mailbox that may stand on the wire: `local@domain`, ASCII, the local part a dot-string of at
/// most 64 bytes, the domain a host name of at most 255, 254 in all (RFC 5321 sections 4.1.2 and 4.5.3.1).
/// Quoted local parts, address literals and anything with a control character are refused.
[[nodiscard]] bool is_email_address(std::string_view text);

/// The part behind the `@`.
[[nodiscard]] std::string_view domain_of(std::string_view address);

}  // namespace headwater::sinks
