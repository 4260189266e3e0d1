#pragma once

#include <cstdint>
#include <string_view>

#include "core/live_chunk.hpp"

namespace headwater::ws {

/// RFC 6455 section 5.2.
enum class Opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

/// RFC 6455 section 7.4.1, the registry's additions, and our own 4008.
enum class CloseCode : std::uint16_t {
    normal = 1000,
    going_away = 1001,
    protocol_error = 1002,
    unsupported_data = 1003,
    invalid_payload = 1007,
    policy_violation = 1008,
    message_too_big = 1009,
    restart = 1012,
    try_again_later = 1013,
    slow_consumer = 4008,
};

/// Appends the header of an unfragmented, unmasked frame; its payload of `size` bytes must follow.
void append_frame_header(LiveChunk& out, Opcode opcode, std::size_t size);

/// A whole control or text frame. A control frame's payload has at most 125 bytes.
void append_frame(LiveChunk& out, Opcode opcode, std::string_view payload);

/// A close frame; the reason is cut to the 123 bytes that fit.
void append_close(LiveChunk& out, CloseCode code, std::string_view reason);

/// True for the codes that a peer may send in a close frame (section 7.4).
[[nodiscard]] bool is_sendable_close_code(std::uint16_t code);

}  // namespace headwater::ws
