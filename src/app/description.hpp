#pragma once

#include <string_view>

namespace headwater::app {

/// The API's description (OpenAPI, YAML), as `headwater openapi` prints it.
[[nodiscard]] std::string_view api_description();

}  // namespace headwater::app
