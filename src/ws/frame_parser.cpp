#include "ws/frame_parser.hpp"

#include <algorithm>
#include <utility>

namespace headwater::ws {
namespace {

using Failure = FrameParser::Failure;

Failure protocol_error(std::string_view reason) {
    return {CloseCode::protocol_error, reason};
}

}  // namespace

std::optional<Failure> FrameParser::feed(std::string_view bytes, Handler& handler) {
    while (!bytes.empty() && state_ != State::ended) {
        const auto failure =
            state_ == State::header ? take_header(bytes, handler) : take_payload(bytes, handler);
        if (!failure) continue;
        state_ = State::ended;
        return failure;
    }
    return std::nullopt;
}

std::size_t FrameParser::header_size() const {
    if (header_have_ < 2) return 2;
    const unsigned length = header_[1] & 0x7f;
    return 6 + (length == 126 ? 2U : length == 127 ? 8U : 0U);
}

std::optional<Failure> FrameParser::take_header(std::string_view& bytes, Handler& handler) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    header_[header_have_++] = byte;
    if (header_have_ == 1) return check_first_byte(byte);
    if (header_have_ == 2) return check_second_byte(byte);
    if (header_have_ < header_size()) return std::nullopt;
    return begin_payload(handler);
}

std::optional<Failure> FrameParser::check_first_byte(unsigned char byte) {
    is_final_ = (byte & 0x80) != 0;
    opcode_ = static_cast<Opcode>(byte & 0x0f);
    if ((byte & 0x70) != 0) return protocol_error("A reserved bit is set.");
    switch (opcode_) {
        case Opcode::continuation:
            if (!is_in_message_) return protocol_error("There is no message to continue.");
            return std::nullopt;
        case Opcode::text:
            if (is_in_message_) return protocol_error("The message before has not ended.");
            return std::nullopt;
        case Opcode::binary:
            if (is_in_message_) return protocol_error("The message before has not ended.");
            return Failure{CloseCode::unsupported_data, "Only text messages are taken."};
        case Opcode::close:
        case Opcode::ping:
        case Opcode::pong:
            if (!is_final_) return protocol_error("A control frame is fragmented.");
            return std::nullopt;
    }
    return protocol_error("The opcode is reserved.");
}

std::optional<Failure> FrameParser::check_second_byte(unsigned char byte) {
    if ((byte & 0x80) == 0) return protocol_error("A client's frame must be masked.");
    if (is_control() && (byte & 0x7f) > 125)
        return protocol_error("A control frame is longer than 125 bytes.");
    return std::nullopt;
}

std::optional<Failure> FrameParser::begin_payload(Handler& handler) {
    const std::size_t size = header_size();
    std::uint64_t length = header_[1] & 0x7f;
    if (size > 6) {
        length = 0;
        for (std::size_t i = 2; i < size - 4; ++i) length = length << 8 | header_[i];
        // Section 5.2: the shortest form, and the highest bit of the long one is 0.
        if (length < (size == 8 ? 126U : 65536U) || length >> 63 != 0)
            return protocol_error("The length is malformed.");
    }
    if (!is_control() && message_.size() + length > max_message_bytes_) {
        return Failure{CloseCode::message_too_big, "The message is too big."};
    }
    std::copy_n(header_.begin() + static_cast<std::ptrdiff_t>(size) - 4, 4, mask_.begin());
    payload_left_ = length;
    payload_at_ = 0;
    header_have_ = 0;
    state_ = State::payload;
    return length == 0 ? end_frame(handler) : std::nullopt;
}

std::optional<Failure> FrameParser::take_payload(std::string_view& bytes, Handler& handler) {
    const std::size_t size = std::min<std::uint64_t>(bytes.size(), payload_left_);
    std::string& target = is_control() ? control_ : message_;
    const std::size_t old_size = target.size();
    target.append(bytes.substr(0, size));
    for (std::size_t i = old_size; i < target.size(); ++i) {
        target[i] = static_cast<char>(static_cast<unsigned char>(target[i]) ^ mask_[payload_at_++ % 4]);
    }
    bytes.remove_prefix(size);
    payload_left_ -= size;
    // Section 8.1, and at the first bad byte: the rest of the message need not come.
    if (!is_control() && !utf8_.feed(std::string_view(target).substr(old_size))) {
        return Failure{CloseCode::invalid_payload, "The text is not UTF-8."};
    }
    return payload_left_ == 0 ? end_frame(handler) : std::nullopt;
}

std::optional<Failure> FrameParser::end_frame(Handler& handler) {
    state_ = State::header;
    if (!is_control()) {
        is_in_message_ = !is_final_;
        return is_final_ ? end_message(handler) : std::nullopt;
    }
    if (opcode_ == Opcode::close) return end_close(handler);
    const std::string payload = std::exchange(control_, {});
    if (opcode_ == Opcode::ping) {
        handler.on_ping(payload);
    } else {
        handler.on_pong(payload);
    }
    return std::nullopt;
}

std::optional<Failure> FrameParser::end_message(Handler& handler) {
    if (!utf8_.is_complete()) return Failure{CloseCode::invalid_payload, "The text is not UTF-8."};
    utf8_.reset();
    const std::string message = std::exchange(message_, {});
    handler.on_message(message);
    return std::nullopt;
}

std::optional<Failure> FrameParser::end_close(Handler& handler) {
    if (control_.size() == 1) return protocol_error("A close code has two bytes.");
    std::optional<std::uint16_t> code;
    if (control_.size() >= 2) {
        code = static_cast<std::uint16_t>(static_cast<unsigned char>(control_[0]) << 8 |
                                          static_cast<unsigned char>(control_[1]));
        if (!is_sendable_close_code(*code)) return protocol_error("The close code is not one to be sent.");
        Utf8Validator utf8;
        if (!utf8.feed(std::string_view(control_).substr(2)) || !utf8.is_complete()) {
            return Failure{CloseCode::invalid_payload, "The reason is not UTF-8."};
        }
    }
    state_ = State::ended;
    handler.on_close(code);
    return std::nullopt;
}

}  // namespace headwater::ws
