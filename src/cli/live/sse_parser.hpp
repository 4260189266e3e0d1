#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace headwater::cli {

/// One message of an event stream.
struct SseMessage {
    std::string event;  ///< "" = unnamed
    std::string data;
    std::string id;  ///< the last one seen so far, as EventSource has it
};

/// Puts messages together from bytes as they come (WHATWG HTML, "event stream interpretation"). A message of
/// which only the id came is given out too, with empty data: it moves the cursor.
class SseParser {
  public:
    using OnMessage = std::function<bool(const SseMessage& message)>;

    explicit SseParser(OnMessage on_message) : on_message_(std::move(on_message)) {}

    /// False once on_message has returned false.
    [[nodiscard]] bool feed(std::string_view bytes);

  private:
    [[nodiscard]] bool take_line(std::string_view line);

    OnMessage on_message_;
    std::string rest_;
    SseMessage message_;
    bool has_field_ = false;
};

}  // namespace headwater::cli
