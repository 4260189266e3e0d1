#pragma once

#include <string_view>

#include "rest/request_parser.hpp"
#include "rest/response.hpp"

namespace headwater::rest {

/// The answer to a request that cannot be read; the connection is closed behind it.
[[nodiscard]] Response parse_problem_response(ParseError error, std::string_view request_id);

}  // namespace headwater::rest
