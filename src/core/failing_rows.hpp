#pragma once

#include "core/attempt_log.hpp"
#include "core/delivery_store.hpp"
#include "core/delivery_window.hpp"
#include "core/stream_host.hpp"

namespace headwater {

/// The row of an event of the window.
[[nodiscard]] FailingEvent row_of(const DeliveryWindow::Item& item, FailingState state,
                                  const StreamMoment& moment);

/// An attempt as it is taken down: `about` says which, the result how it ended.
[[nodiscard]] Attempt attempt_of(const Attempt& about, const DeliveryResult& result,
                                 const StreamMoment& moment);

}  // namespace headwater
