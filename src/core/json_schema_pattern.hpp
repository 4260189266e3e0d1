#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace headwater::json {

/// Rewrites a regular expression of a schema (ECMA 262) into the dialect that RapidJSON's linear-time matcher
/// runs, and refuses what it cannot run or would crash on: look-around, back references, anchors in the
/// middle, a repeated part that may be empty, more than a few thousand states. The error is one sentence for
/// the client. Private to JsonSchema.
[[nodiscard]] std::expected<std::string, std::string> prepare_pattern(std::string_view pattern);

}  // namespace headwater::json
