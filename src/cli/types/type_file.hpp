#pragma once

#include <expected>
#include <string>
#include <vector>

#include "cli/json/json_view.hpp"

namespace headwater::cli {

/// Reads definitions of event types, as PUT /api/events/register takes them: one JSON object, an array of
/// them, or an object a line; "-" is standard input. The error is a sentence.
[[nodiscard]] std::expected<std::vector<Json>, std::string> read_type_file(const std::string& file);

}  // namespace headwater::cli
