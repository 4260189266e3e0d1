#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headwater::cli {

/// The one of `names` that somebody who typed `given` most likely meant: at most a third of its letters are
/// wrong. Nothing when none is close.
[[nodiscard]] std::optional<std::string> closest_name(std::string_view given,
                                                      const std::vector<std::string>& names);

/// "; did you mean NAME?", or "".
[[nodiscard]] std::string suggestion(std::string_view given, const std::vector<std::string>& names,
                                     std::string_view prefix = "");

}  // namespace headwater::cli
