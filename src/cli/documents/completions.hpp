#pragma once

#include <string>

#include "cli/subcommand.hpp"

namespace headwater::cli {

/// Scripts that complete subcommands, options and the values of options that are one of a few names; made
/// from the tree, so that they name what there is.
[[nodiscard]] std::string bash_completion(const Subcommand& root);
[[nodiscard]] std::string zsh_completion(const Subcommand& root);

}  // namespace headwater::cli
