#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace headwater::cli {

/// How far a sending has come.
struct SendTally {
    std::uint64_t stored = 0;
    std::uint64_t duplicates = 0;
    std::uint64_t rejected = 0;
    std::uint64_t bytes = 0;  ///< of the input

    [[nodiscard]] std::uint64_t events() const { return stored + duplicates + rejected; }
};

/// One line on standard error that is rewritten while a sending goes on: count, bytes, rate and, when the
/// size is known, what is left. Silent when standard error is no terminal.
class SendProgress {
  public:
    explicit SendProgress(std::optional<std::uint64_t> size);
    ~SendProgress() { clear(); }
    SendProgress(const SendProgress&) = delete;
    SendProgress& operator=(const SendProgress&) = delete;

    /// Redraws at most ten times a second.
    void show(const SendTally& tally);
    /// While nothing moves. Where there is no terminal, one line for each time of waiting.
    void show_waiting(const std::string& reason, std::chrono::seconds so_far);
    /// Before other text is printed.
    void clear();

    [[nodiscard]] double seconds() const;

  private:
    void draw(const std::string& text);

    std::optional<std::uint64_t> size_;
    bool is_on_;
    bool is_drawn_ = false;
    bool has_waited_ = false;
    std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
    std::chrono::steady_clock::time_point drawn_at_{};
};

/// "1:05:09", "0:42".
[[nodiscard]] std::string clock_text(std::chrono::seconds time);

}  // namespace headwater::cli
