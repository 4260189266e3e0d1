#pragma once

#include <string_view>

namespace headwater::app {

/// Tells the service manager how this process stands ("READY=1", "STOPPING=1"), after sd_notify(3): a
/// datagram to the socket that NOTIFY_SOCKET names. Does nothing when there is none; a failure is nobody's
/// concern.
void tell_service_manager(std::string_view state);

}  // namespace headwater::app
