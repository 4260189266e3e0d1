#pragma once

#include "cli/subcommand.hpp"

namespace headwater::app {

/// The whole command line: the one list of all subcommands, in the order of help.
[[nodiscard]] cli::Subcommand make_commands();

/// Those that run the server's own parts in this process; a file each.
void add_serve(cli::Subcommand& root);
void add_migrate(cli::Subcommand& root);
void add_keys(cli::Subcommand& root);
void add_openapi(cli::Subcommand& root);
void add_version(cli::Subcommand& root);
/// Made from the tree itself.
void add_completion(cli::Subcommand& root);
void add_man(cli::Subcommand& root);

}  // namespace headwater::app
