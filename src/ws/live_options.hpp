#pragma once

#include <chrono>
#include <cstddef>

namespace headwater::ws {

/// The limits and intervals of live connections; tests shorten them.
struct LiveOptions {
    std::size_t live_buffer_bytes =
        1 << 20;  ///< unsent live events per connection; beyond, it is a slow consumer
    std::size_t max_message_bytes = 64 << 10;      ///< of one message of a WebSocket client
    std::chrono::milliseconds key_timeout{5'000};  ///< for the first message, where it has to show a key
    std::chrono::milliseconds ping_interval{25'000};
    std::chrono::milliseconds pong_timeout{10'000};
    std::chrono::milliseconds sse_comment_interval{15'000};
    std::chrono::milliseconds cursor_interval{
        25'000};  ///< a connection without events for so long gets a cursor
    std::chrono::milliseconds write_timeout{
        60'000};  ///< without any progress while something waits to be written
    std::chrono::milliseconds close_timeout{5'000};   ///< for the last bytes and the peer's answer to a close
    std::chrono::milliseconds linger_timeout{2'000};  ///< for the peer to close, once all is said
    std::chrono::milliseconds retry_min{1'000};       ///< SSE `retry:` is drawn between these
    std::chrono::milliseconds retry_max{5'000};
};

}  // namespace headwater::ws
