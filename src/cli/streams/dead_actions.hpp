#pragma once

#include "cli/subcommand.hpp"

namespace headwater::cli {

/// Adds the subcommands `dead` and `retry` of `streams`.
void add_dead_actions(Subcommand& streams);

}  // namespace headwater::cli
