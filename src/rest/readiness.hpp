#pragma once

#include "rest/response.hpp"
#include "rest/services.hpp"

namespace headwater::rest {

/// 200 `{"status":"ready"}`, or 503 with the complaints, as both ports answer it.
[[nodiscard]] Response readiness_response(const Readiness& readiness);

}  // namespace headwater::rest
