#pragma once

#include <string>

#include "cli/options/option_table.hpp"

namespace headwater::cli {

/// A configuration file (TOML) with every option that may stand in one, its default, range and sentence, all
/// of them as comments.
[[nodiscard]] std::string example_config(const OptionTable& table);

}  // namespace headwater::cli
