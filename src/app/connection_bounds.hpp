#pragma once

#include "app/options.hpp"
#include "core/connection_limits.hpp"

namespace headwater::app {

/// What the options ask for, as far as the process's limit of descriptors allows; says in the log when it
/// does not.
[[nodiscard]] ConnectionLimits::Bounds connection_bounds(const ServeOptions& options);

}  // namespace headwater::app
