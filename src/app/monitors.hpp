#pragma once

#include "core/notice_sink.hpp"
#include "core/registry_store.hpp"

namespace headwater::app {

/// Adds the kind of stream that carries monitors' notifications, over all kinds that are there.
[[nodiscard]] const NoticeSinkType& add_notice_sink(SinkTypes& sinks);

/// Registers the event types of monitors where they are missing. Throws Unavailable.
void register_monitor_types(RegistryStore& store);

}  // namespace headwater::app
