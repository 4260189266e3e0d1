#pragma once

#include <string>
#include <string_view>

namespace headwater {

/// RFC 4648 section 4, with padding and without line ends.
[[nodiscard]] std::string to_base64(std::string_view bytes);
/// RFC 4648 section 5, without padding.
[[nodiscard]] std::string to_base64url(std::string_view bytes);
/// True for what to_base64() could have made of some bytes, be they none.
[[nodiscard]] bool is_base64(std::string_view text);

}  // namespace headwater
