#pragma once

#include "app/options.hpp"
#include "cli/subcommand.hpp"

namespace headwater::app {

/// Gives a subcommand all options of the server, with --config and the check of what must hold between them.
/// `options` gets the defaults now and the values later; it must outlive the subcommand.
void add_serve_options(cli::Subcommand& command, ServeOptions& options);

}  // namespace headwater::app
