#include "ws/websocket_frame.hpp"

#include <array>
#include <string>

namespace headwater::ws {

void append_frame_header(LiveChunk& out, Opcode opcode, std::size_t size) {
    std::array<char, 10> header{};
    header[0] = static_cast<char>(0x80 | static_cast<unsigned>(opcode));
    int length_bytes = 0;
    if (size < 126) {
        header[1] = static_cast<char>(size);
    } else {
        length_bytes = size <= 0xffff ? 2 : 8;
        header[1] = static_cast<char>(length_bytes == 2 ? 126 : 127);
    }
    for (int i = 0; i < length_bytes; ++i) {
        header[static_cast<std::size_t>(2 + i)] =
            static_cast<char>(size >> (8 * (length_bytes - 1 - i)) & 0xff);
    }
    out.append({header.data(), static_cast<std::size_t>(2 + length_bytes)});
}

void append_frame(LiveChunk& out, Opcode opcode, std::string_view payload) {
    append_frame_header(out, opcode, payload.size());
    out.append(payload);
}

void append_close(LiveChunk& out, CloseCode code, std::string_view reason) {
    const auto number = static_cast<std::uint16_t>(code);
    std::string payload{static_cast<char>(number >> 8), static_cast<char>(number & 0xff)};
    payload += reason.substr(0, 123);
    append_frame(out, Opcode::close, payload);
}

bool is_sendable_close_code(std::uint16_t code) {
    if (code >= 3000 && code <= 4999) return true;
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
}

}  // namespace headwater::ws
