#pragma once

#include "cli/subcommand.hpp"

namespace headwater::cli {

/// The commands that talk to a running server over HTTP; a file each.
void add_send(Subcommand& root);
void add_register(Subcommand& root);
void add_tail(Subcommand& root);
void add_feed(Subcommand& root);
void add_streams(Subcommand& root);
void add_monitors(Subcommand& root);

}  // namespace headwater::cli
