#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ws/utf8_validator.hpp"
#include "ws/websocket_frame.hpp"

namespace headwater::ws {

/// Reads a client's frames (RFC 6455 section 5) from pieces of any size: masked, fragmented, control frames
/// in between. Takes text messages only. Keeps no memory between messages. After a failure or a close frame
/// it takes nothing more.
class FrameParser {
  public:
    /// What was received; the views live during the call only.
    class Handler {
      public:
        virtual ~Handler() = default;
        virtual void on_message(std::string_view text) = 0;
        virtual void on_ping(std::string_view payload) = 0;
        virtual void on_pong(std::string_view payload) = 0;
        /// `code` is absent when the frame had none.
        virtual void on_close(std::optional<std::uint16_t> code) = 0;
    };

    /// Why the connection must be failed (section 7.1.7), with a sentence for the close frame.
    struct Failure {
        CloseCode code;
        std::string_view reason;
    };

    explicit FrameParser(std::size_t max_message_bytes) : max_message_bytes_(max_message_bytes) {}

    [[nodiscard]] std::optional<Failure> feed(std::string_view bytes, Handler& handler);

  private:
    enum class State { header, payload, ended };

    [[nodiscard]] std::optional<Failure> take_header(std::string_view& bytes, Handler& handler);
    [[nodiscard]] std::optional<Failure> check_first_byte(unsigned char byte);
    [[nodiscard]] std::optional<Failure> check_second_byte(unsigned char byte);
    [[nodiscard]] std::optional<Failure> begin_payload(Handler& handler);
    [[nodiscard]] std::optional<Failure> take_payload(std::string_view& bytes, Handler& handler);
    [[nodiscard]] std::optional<Failure> end_frame(Handler& handler);
    [[nodiscard]] std::optional<Failure> end_message(Handler& handler);
    [[nodiscard]] std::optional<Failure> end_close(Handler& handler);
    [[nodiscard]] std::size_t header_size() const;
    [[nodiscard]] bool is_control() const { return static_cast<unsigned>(opcode_) >= 8; }

    const std::size_t max_message_bytes_;
    State state_ = State::header;
    std::array<unsigned char, 14> header_{};
    std::size_t header_have_ = 0;
    std::array<unsigned char, 4> mask_{};
    std::uint64_t payload_left_ = 0;
    std::size_t payload_at_ = 0;
    Opcode opcode_ = Opcode::continuation;
    bool is_final_ = false;
    bool is_in_message_ = false;  ///< fragments of a text message have come, its last has not
    Utf8Validator utf8_;
    std::string message_;
    std::string control_;
};

}  // namespace headwater::ws
