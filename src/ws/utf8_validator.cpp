#include "ws/utf8_validator.hpp"

namespace headwater::ws {

bool Utf8Validator::feed(std::string_view bytes) {
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        if (missing_ == 0) {
            if (byte >= 0x80 && !begin(byte)) return false;
            continue;
        }
        if (byte < lowest_ || byte > highest_) return false;
        --missing_;
        lowest_ = 0x80;
        highest_ = 0xbf;
    }
    return true;
}

// RFC 3629 section 4: overlong forms, surrogates and what lies beyond U+10FFFF show in the second byte.
bool Utf8Validator::begin(unsigned char byte) {
    if (byte < 0xc2 || byte > 0xf4) return false;
    missing_ = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
    if (byte == 0xe0) lowest_ = 0xa0;
    if (byte == 0xed) highest_ = 0x9f;
    if (byte == 0xf0) lowest_ = 0x90;
    if (byte == 0xf4) highest_ = 0x8f;
    return true;
}

}  // namespace headwater::ws
