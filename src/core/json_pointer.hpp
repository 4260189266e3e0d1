#pragma once

#include <string>
#include <string_view>

namespace headwater {

/// One step of a JSON pointer (RFC 6901, section 3): "/" and the member's name, escaped.
[[nodiscard]] std::string json_pointer_step(std::string_view name);

}  // namespace headwater
