#pragma once

#include "rest/services.hpp"

namespace headwater::rest {

/// After a change of the registry that this node made: its own copy is brought up to date before the answer,
/// so that the client's next request finds it. Blocking; a failure is only logged, since the change itself is
/// stored.
void registry_has_changed(const Services& services);

}  // namespace headwater::rest
