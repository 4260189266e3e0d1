#include "cli/terminal/terminal.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <iostream>

namespace headwater::cli {

bool is_terminal(int descriptor) {
    return isatty(descriptor) == 1;
}

std::size_t terminal_width(int descriptor) {
    winsize size{};
    const bool is_known = ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    return is_known ? size.ws_col : 100;
}

Paint Paint::for_output() {
    const char* no_color = std::getenv("NO_COLOR");
    return Paint(is_terminal(STDOUT_FILENO) && (no_color == nullptr || *no_color == '\0'));
}

std::string Paint::wrap(std::string_view code, std::string_view text) const {
    return is_on_ ? fmt::format("\033[{}m{}\033[0m", code, text) : std::string(text);
}

std::string printable(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const bool is_c1 =
            byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
        if (byte < 0x20 || byte == 0x7F) {
            out += fmt::format("\\x{:02x}", byte);
        } else if (is_c1) {
            out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[++i]));
        } else {
            out += text[i];
        }
    }
    return out;
}

std::size_t columns_of(std::string_view text) {
    std::size_t columns = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\033') {
            i = std::min(text.find('m', i), text.size());
        } else if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) {
            ++columns;
        }
    }
    return columns;
}

bool write_output(std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = write(STDOUT_FILENO, text.data(), text.size());
        if (written < 0 && errno != EINTR) return false;
        if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

bool is_output_open() {
    pollfd output{STDOUT_FILENO, 0, 0};
    return poll(&output, 1, 0) == 0 || (output.revents & (POLLERR | POLLHUP)) == 0;
}

bool confirm(const std::string& question) {
    std::cerr << question << " [y/N] " << std::flush;
    std::string answer;
    std::getline(std::cin, answer);
    return answer == "y" || answer == "Y" || answer == "yes";
}

std::string short_duration(long long seconds) {
    struct Unit {
        long long length;
        const char* name;
    };
    static constexpr std::array kUnits{Unit{86'400, "d"}, Unit{3'600, "h"}, Unit{60, "min"}};
    for (const auto& [length, name] : kUnits) {
        if (seconds >= length) return fmt::format("{} {}", seconds / length, name);
    }
    return fmt::format("{} s", seconds);
}

std::string with_commas(long long number) {
    const std::string digits = std::to_string(number);
    std::string text;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        const std::size_t left = digits.size() - i;
        if (i > 0 && left % 3 == 0 && digits[i - 1] != '-') text += ',';
        text += digits[i];
    }
    return text;
}

std::string readable_bytes(long long bytes) {
    static constexpr std::array kUnits{"KiB", "MiB", "GiB", "TiB"};
    if (bytes < 1024) return fmt::format("{} B", bytes);
    auto size = static_cast<double>(bytes) / 1024;
    std::size_t unit = 0;
    for (; size >= 1024 && unit + 1 < kUnits.size(); ++unit) size /= 1024;
    return fmt::format("{:.1f} {}", size, kUnits[unit]);
}

}  // namespace headwater::cli
