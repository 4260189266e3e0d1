#pragma once

#include <string>

#include "core/event.hpp"

namespace headwater {

/// The event as a CloudEvent 1.0 in structured mode (application/cloudevents+json). One that came as a
/// CloudEvent leaves with its own id, source and extensions; any other has Headwater's id and the source
/// "headwater". The payload's bytes stay as they are.
[[nodiscard]] std::string to_cloud_event(const Event& event);

}  // namespace headwater
