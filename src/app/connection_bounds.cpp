#include "app/connection_bounds.hpp"

#include <sys/resource.h>

#include <algorithm>

#include "core/log.hpp"

namespace headwater::app {
namespace {

/// For PostgreSQL, brokers, webhooks, files, and those who are told that there are too many.
constexpr std::size_t kOtherDescriptors = 512;

std::size_t descriptors_for_connections() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return SIZE_MAX;
    const std::size_t all = limit.rlim_cur;
    const std::size_t others = std::min(all / 2, kOtherDescriptors + all / 20);
    return all - others;
}

}  // namespace

ConnectionLimits::Bounds connection_bounds(const ServeOptions& options) {
    ConnectionLimits::Bounds bounds;
    bounds.total = std::min(options.max_connections, descriptors_for_connections());
    if (bounds.total < options.max_connections) {
        log::info("limit.connections",
                  {{"wanted", options.max_connections}, {"descriptors_for", bounds.total}});
    }
    bounds.per_address = options.max_connections_per_address;
    if (bounds.per_address == 0) bounds.per_address = std::max<std::size_t>(1, bounds.total * 3 / 4);
    return bounds;
}

}  // namespace headwater::app
