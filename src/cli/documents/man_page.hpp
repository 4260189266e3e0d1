#pragma once

#include <string>

#include "cli/subcommand.hpp"

namespace headwater::cli {

/// The manual page headwater(1), in man(7) macros, of every subcommand, option and variable in the tree.
[[nodiscard]] std::string man_page(const Subcommand& root, const std::string& version);

}  // namespace headwater::cli
