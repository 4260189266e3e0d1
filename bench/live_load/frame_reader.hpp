#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace headwater::bench {

/// Cuts a server's bytes into WebSocket frames. A frame that came in one piece is shown where it stands.
class FrameReader {
  public:
    static constexpr unsigned kText = 1, kClose = 8, kPing = 9;

    /// Calls visit(opcode, payload) for each frame that is complete.
    template <class Visit>
    void feed(std::string_view bytes, Visit visit) {
        if (!partial_.empty()) {
            partial_ += bytes;
            bytes = partial_;
        }
        while (const std::size_t size = size_of_frame(bytes)) {
            visit(static_cast<unsigned char>(bytes[0]) & 0x0fU, bytes.substr(header_size(bytes), payload_));
            bytes.remove_prefix(size);
        }
        partial_ = bytes.empty() ? std::string() : std::string(bytes);
    }

  private:
    static std::size_t header_size(std::string_view bytes) {
        const auto length = static_cast<unsigned char>(bytes[1]);
        return length < 126 ? 2 : length == 126 ? 4 : 10;
    }
    /// 0 while it is not complete.
    std::size_t size_of_frame(std::string_view bytes) {
        if (bytes.size() < 2 || bytes.size() < header_size(bytes)) return 0;
        const std::size_t header = header_size(bytes);
        payload_ = static_cast<unsigned char>(bytes[1]);
        if (header > 2) payload_ = 0;
        for (std::size_t i = 2; i < header; ++i)
            payload_ = payload_ << 8 | static_cast<unsigned char>(bytes[i]);
        return bytes.size() < header + payload_ ? 0 : header + payload_;
    }

    std::string partial_;
    std::uint64_t payload_ = 0;
};

}  // namespace headwater::bench
