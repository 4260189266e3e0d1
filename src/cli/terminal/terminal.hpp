#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace headwater::cli {

[[nodiscard]] bool is_terminal(int descriptor);
/// Columns; 100 when it is no terminal.
[[nodiscard]] std::size_t terminal_width(int descriptor);

/// Colours, or none: where the output is no terminal, or NO_COLOR is set.
class Paint {
  public:
    explicit Paint(bool is_on) : is_on_(is_on) {}
    [[nodiscard]] static Paint for_output();

    [[nodiscard]] std::string bold(std::string_view text) const { return wrap("1", text); }
    [[nodiscard]] std::string dim(std::string_view text) const { return wrap("2", text); }
    [[nodiscard]] std::string red(std::string_view text) const { return wrap("31", text); }
    [[nodiscard]] std::string green(std::string_view text) const { return wrap("32", text); }
    [[nodiscard]] std::string yellow(std::string_view text) const { return wrap("33", text); }
    [[nodiscard]] std::string cyan(std::string_view text) const { return wrap("36", text); }

  private:
    [[nodiscard]] std::string wrap(std::string_view code, std::string_view text) const;
    bool is_on_;
};

/// Text of others, safe to show: control characters (escape sequences too) become visible.
[[nodiscard]] std::string printable(std::string_view text);

/// How many columns UTF-8 text takes, escape sequences aside; wide characters count as one.
[[nodiscard]] std::size_t columns_of(std::string_view text);

/// Writes to standard output at once. False when nobody reads it any more.
[[nodiscard]] bool write_output(std::string_view text);
/// False when the reader of standard output, a pipe, has gone.
[[nodiscard]] bool is_output_open();

/// Asks on the terminal; true for y or yes.
[[nodiscard]] bool confirm(const std::string& question);

/// "3 s", "12 min", "4 h", "9 d": one unit, rounded down.
[[nodiscard]] std::string short_duration(long long seconds);
/// "12,345".
[[nodiscard]] std::string with_commas(long long number);
/// "3.4 MiB".
[[nodiscard]] std::string readable_bytes(long long bytes);

}  // namespace headwater::cli
