#pragma once

#include <cstdint>
#include <string_view>

namespace headwater::ws {

/// Checks a text that comes in pieces (RFC 3629) and fails at the first byte that no continuation could make
/// right.
class Utf8Validator {
  public:
    /// False from the first impossible byte on.
    [[nodiscard]] bool feed(std::string_view bytes);
    /// True when no character is cut off.
    [[nodiscard]] bool is_complete() const { return missing_ == 0; }
    void reset() { *this = {}; }

  private:
    [[nodiscard]] bool begin(unsigned char byte);

    int missing_ = 0;             ///< continuation bytes to come
    std::uint8_t lowest_ = 0x80;  ///< of the next continuation byte
    std::uint8_t highest_ = 0xbf;
};

}  // namespace headwater::ws
