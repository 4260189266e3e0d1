#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "core/errors.hpp"
#include "core/event_parser.hpp"

namespace headwater::rest {

/// Reads `{"event","data"?,"acl"?}`, checking its syntax too, and gives the payload of the room's event.
/// Refused with malformed, invalid (each mistake with its pointer) or too_large.
[[nodiscard]] std::expected<std::string, Refusal> parse_room_message(std::string_view json,
                                                                     const EventLimits& limits);

}  // namespace headwater::rest
