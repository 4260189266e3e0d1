#pragma once

#include "cli/subcommand.hpp"

namespace headwater::cli {

/// Adds the subcommands `replay` and `cancel-replay` of `streams`.
void add_replay_actions(Subcommand& streams);

}  // namespace headwater::cli
