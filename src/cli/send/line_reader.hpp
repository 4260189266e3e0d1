#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace headwater::cli {

/// Reads a file or standard input line by line, and knows where it stands. Owns the descriptor unless it is
/// standard input.
class LineReader {
  public:
    /// "-" is standard input. Throws std::runtime_error with a sentence when it cannot be opened.
    explicit LineReader(const std::string& file);
    ~LineReader();
    LineReader(const LineReader&) = delete;
    LineReader& operator=(const LineReader&) = delete;

    struct Line {
        std::string_view text;  ///< without its end; until the next call
        std::uint64_t number;   ///< from 1
        std::uint64_t offset;   ///< of its first byte
    };
    /// Nothing at the end, or when a signal came. Throws when it cannot be read, or a line is longer than
    /// 64 MiB.
    [[nodiscard]] std::optional<Line> next();
    /// True when the next line, or the end, can be had within the time.
    [[nodiscard]] bool is_ready(std::chrono::milliseconds patience) const;
    /// The file's size; nothing for a pipe.
    [[nodiscard]] std::optional<std::uint64_t> size() const { return size_; }

  private:
    [[nodiscard]] bool fill();

    int descriptor_;
    std::string name_;
    std::optional<std::uint64_t> size_;
    std::string buffer_;
    std::size_t begin_ = 0;  ///< of what has not been given out
    std::uint64_t offset_ = 0;
    std::uint64_t number_ = 0;
    bool is_at_end_ = false;
};

}  // namespace headwater::cli
