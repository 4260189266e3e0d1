#pragma once

#include "core/appender.hpp"
#include "core/registry.hpp"
#include "core/state_announcer.hpp"

namespace headwater::app {

/// Appends what streams become as events of the type `headwater:stream-state`; silent where an operator has
/// removed that type. Both must outlive what is returned.
[[nodiscard]] AnnounceState announce_in_log(const Registry& registry, Appender& appender);

}  // namespace headwater::app
