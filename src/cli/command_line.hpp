#pragma once

#include <string>

#include "cli/subcommand.hpp"

namespace headwater::cli {

/// Parses the arguments against the tree, reads the options of the subcommand that they name, and runs it.
/// Help goes to standard output, every mistake, all at once, to standard error. Returns the exit code.
[[nodiscard]] int run_command_line(const Subcommand& root, const std::string& version, int argc,
                                   const char* const* argv);

}  // namespace headwater::cli
