#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "cli/http/server.hpp"
#include "cli/send/event_chunk.hpp"

namespace headwater::cli {

/// A line that the server refused for good.
struct Rejection {
    std::uint64_t line = 0;
    int status = 0;
    std::string reason;
    std::string text;  ///< of the line
};

/// What came of a chunk.
struct ChunkOutcome {
    std::size_t stored = 0;
    std::size_t duplicates = 0;  ///< taken earlier, by an interrupted run for instance
    std::vector<Rejection> rejections;
    std::string failure;  ///< why it could not be sent; "" = it was
};

/// Sends chunks, each under its own Idempotency-Key, and repeats what was left unanswered until it is
/// answered: the key makes that safe. Used by one thread.
class EventSender {
  public:
    struct Options {
        std::string seed;                    ///< of the keys
        std::chrono::seconds patience{300};  ///< of repeating one chunk
    };
    /// Told before each wait: why, and how long in all so far.
    using OnWait = std::function<void(const std::string& reason, std::chrono::seconds so_far)>;

    EventSender(Server& server, Options options, OnWait on_wait)
        : server_(server), options_(std::move(options)), on_wait_(std::move(on_wait)) {}

    /// Blocks until the chunk is answered, the patience is over, or the user interrupts.
    [[nodiscard]] ChunkOutcome send(const EventChunk& chunk);

    /// One event as an object of its own; the answer as it came.
    [[nodiscard]] HttpAnswer send_single(std::string_view event, const std::string& key);

  private:
    [[nodiscard]] HttpAnswer send_patiently(std::string_view body, const std::string& media_type,
                                            const std::string& key);
    [[nodiscard]] ChunkOutcome send_halves(const EventChunk& chunk);
    [[nodiscard]] ChunkOutcome read(const EventChunk& chunk, const HttpAnswer& answer) const;

    Server& server_;
    Options options_;
    OnWait on_wait_;
};

}  // namespace headwater::cli
