#include "rest/handlers/registry_change.hpp"

#include "core/errors.hpp"
#include "core/log.hpp"
#include "core/registry.hpp"

namespace headwater::rest {

void registry_has_changed(const Services& services) {
    try {
        services.registry.refresh();
    } catch (const Unavailable& error) {
        log::warn("registry.unreadable", {{"reason", error.what()}});
    }
    if (services.registry_changed) services.registry_changed();
}

}  // namespace headwater::rest
