#pragma once

#include <expected>
#include <vector>

#include "core/errors.hpp"
#include "core/monitor.hpp"
#include "rest/monitor_body.hpp"
#include "rest/monitor_view.hpp"
#include "rest/services.hpp"

namespace headwater::rest {

/// The streams that carry these notifications, made where a destination is new. Secrets that were made for
/// them are noted. `present` are the streams that the monitor has so far: a request may replace only those.
/// Blocking; throws Unavailable.
[[nodiscard]] std::expected<std::vector<StreamId>, Refusal> register_notices(
    const Services& services, const std::vector<NoticeRequest>& requests,
    const std::vector<StreamId>& present, MonitorSecrets& secrets);

/// Removes those of these streams that no monitor names any more. Blocking; a failure is logged: the next
/// change that drops one of them tries again.
void drop_notices(const Services& services, const std::vector<StreamId>& streams);

}  // namespace headwater::rest
