#include "cli/send/send_progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>

#include "cli/terminal/terminal.hpp"

namespace headwater::cli {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

}  // namespace

SendProgress::SendProgress(std::optional<std::uint64_t> size)
    : size_(size), is_on_(is_terminal(STDERR_FILENO)) {}

double SendProgress::seconds() const {
    return std::max(std::chrono::duration<double>(Clock::now() - begin_).count(), 0.001);
}

void SendProgress::show(const SendTally& tally) {
    has_waited_ = false;
    if (!is_on_ || Clock::now() - drawn_at_ < 100ms) return;
    const double rate = static_cast<double>(tally.events()) / seconds();
    std::string text = with_commas(static_cast<long long>(tally.events())) + " events, " +
                       readable_bytes(static_cast<long long>(tally.bytes));
    if (size_) {
        text += fmt::format(" of {} ({} %)", readable_bytes(static_cast<long long>(*size_)),
                            *size_ == 0 ? 100 : tally.bytes * 100 / *size_);
    }
    text += fmt::format(", {}/s", with_commas(static_cast<long long>(rate)));
    if (size_ && tally.bytes > 0) {
        const double left = static_cast<double>(*size_ - std::min(*size_, tally.bytes));
        const double speed = static_cast<double>(tally.bytes) / seconds();
        text += ", " + clock_text(std::chrono::seconds(static_cast<long long>(left / speed))) + " left";
    }
    if (tally.rejected > 0) {
        text += fmt::format(", {} rejected", with_commas(static_cast<long long>(tally.rejected)));
    }
    draw(text);
}

void SendProgress::show_waiting(const std::string& reason, std::chrono::seconds so_far) {
    const std::string first_line = reason.substr(0, reason.find('\n'));
    if (is_on_) {
        draw(fmt::format("waiting {}: {}", clock_text(so_far), first_line));
    } else if (!has_waited_) {
        std::cerr << "headwater: trying again: " << first_line << std::endl;
    }
    has_waited_ = true;
}

void SendProgress::draw(const std::string& text) {
    std::string shown = printable(text);
    const std::size_t width = terminal_width(STDERR_FILENO);
    if (shown.size() >= width) shown.resize(width - 1);
    std::cerr << "\r" << shown << "\033[K" << std::flush;
    is_drawn_ = true;
    drawn_at_ = Clock::now();
}

void SendProgress::clear() {
    if (is_drawn_) std::cerr << "\r\033[K" << std::flush;
    is_drawn_ = false;
}

std::string clock_text(std::chrono::seconds time) {
    const auto all = time.count();
    if (all >= 3600) return fmt::format("{}:{:02}:{:02}", all / 3600, all / 60 % 60, all % 60);
    return fmt::format("{}:{:02}", all / 60, all % 60);
}

}  // namespace headwater::cli
