#include "core/resume_horizon.hpp"

#include <algorithm>

#include "core/registry.hpp"

namespace headwater {

bool RegistryHorizon::is_before(Timestamp since, const LiveFilter& filter) const {
    const RegistryViewPtr view = registry_.view();
    if (!view) return false;
    const Timestamp now = clock_.now();
    return std::ranges::any_of(view->types(), [&](const EventTypePtr& type) {
        if (type->retention.is_permanent() || type->retention.is_ephemeral()) return false;
        const Timestamp first = std::max(since, type->created_at);
        return expiry_of(type->retention, first) <= now && filter.matches_type(type->name);
    });
}

}  // namespace headwater
