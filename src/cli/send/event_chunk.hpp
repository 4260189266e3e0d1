#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/send/line_reader.hpp"

namespace headwater::cli {

/// Some lines of the input, sent as one request of NDJSON.
struct EventChunk {
    std::string body;                    ///< an event a line
    std::vector<std::uint64_t> numbers;  ///< of the lines, in the input
    std::vector<std::size_t> begins;     ///< where each begins in the body
    std::uint64_t offset = 0;            ///< of the first line in the input
    std::uint64_t end_offset = 0;

    [[nodiscard]] std::size_t size() const { return numbers.size(); }
    [[nodiscard]] std::string_view line(std::size_t index) const;
    /// Items [begin, end).
    [[nodiscard]] EventChunk part(std::size_t begin, std::size_t end) const;
    /// The key under which this chunk is sent: the same for the same lines at the same place, so that a
    /// second run of the same input stores nothing twice. `seed` tells inputs apart that must not be taken
    /// for each other.
    [[nodiscard]] std::string idempotency_key(std::string_view seed) const;
};

/// Cuts the input into chunks; blank lines are left out.
class Chunker {
  public:
    struct Limits {
        std::size_t events = 500;
        std::size_t bytes = 3'500'000;
    };

    /// With a type, each line is a payload of it; without, a whole event.
    Chunker(LineReader& reader, Limits limits, std::string type)
        : reader_(reader), limits_(limits), type_(std::move(type)) {}

    /// Nothing at the end. A chunk that is not full comes when the input pauses.
    [[nodiscard]] std::optional<EventChunk> next();

  private:
    void add(EventChunk& chunk, const LineReader::Line& line) const;

    LineReader& reader_;
    Limits limits_;
    std::string type_;
    std::optional<EventChunk> begun_;  ///< a line that did not fit any more
};

}  // namespace headwater::cli
