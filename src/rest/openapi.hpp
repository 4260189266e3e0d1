#pragma once

#include <string_view>

namespace headwater::rest {

/// The API's description (schema/openapi.yaml), as GET /openapi.yaml and `headwater openapi` give it.
[[nodiscard]] std::string_view openapi_text();

}  // namespace headwater::rest
