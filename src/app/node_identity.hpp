#pragma once

#include <string>

#include "app/options.hpp"

namespace headwater::app {

/// What people know this node by: `--node`, else the machine's name with the process's number.
[[nodiscard]] std::string label_of(const ServeOptions& options);

}  // namespace headwater::app
