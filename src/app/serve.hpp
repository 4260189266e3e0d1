#pragma once

#include "app/node.hpp"

namespace headwater::app {

/// Runs a node until SIGTERM or SIGINT; a second one ends the process at once. Prints the ready line on
/// standard output. Returns the exit code: 0 after a drain, 1 when it could not start.
[[nodiscard]] int serve(const ServeOptions& options, const Node::MakeLogWriter& make_log_writer = {});

}  // namespace headwater::app
