#include "cli/send/line_reader.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "cli/interrupt.hpp"

namespace headwater::cli {
namespace {

constexpr std::size_t kLongestLine = 64 << 20;
constexpr std::size_t kReadBytes = 256 << 10;

}  // namespace

LineReader::LineReader(const std::string& file)
    : descriptor_(file == "-" ? STDIN_FILENO : open(file.c_str(), O_RDONLY | O_CLOEXEC)),
      name_(file == "-" ? "standard input" : file) {
    struct stat status {};
    if (descriptor_ < 0 || fstat(descriptor_, &status) != 0) {
        throw std::runtime_error(name_ + " cannot be read: " + std::strerror(errno));
    }
    if (S_ISREG(status.st_mode)) size_ = static_cast<std::uint64_t>(status.st_size);
}

LineReader::~LineReader() {
    if (descriptor_ != STDIN_FILENO) close(descriptor_);
}

std::optional<LineReader::Line> LineReader::next() {
    std::size_t searched = begin_;
    std::size_t end = buffer_.find('\n', searched);
    while (end == std::string::npos && !is_at_end_) {
        searched = buffer_.size() - begin_;  // fill() moves what is left to the front
        if (!fill()) return std::nullopt;
        end = buffer_.find('\n', searched);
    }
    const bool is_unfinished = end == std::string::npos;
    if (is_unfinished) end = buffer_.size();
    if (is_unfinished && begin_ == end) return std::nullopt;
    Line line{std::string_view(buffer_).substr(begin_, end - begin_), ++number_, offset_};
    const std::size_t taken = end - begin_ + (is_unfinished ? 0 : 1);
    begin_ += taken;
    offset_ += taken;
    return line;
}

bool LineReader::is_ready(std::chrono::milliseconds patience) const {
    if (is_at_end_ || buffer_.find('\n', begin_) != std::string::npos) return true;
    pollfd input{descriptor_, POLLIN, 0};
    return poll(&input, 1, static_cast<int>(patience.count())) > 0;
}

bool LineReader::fill() {
    buffer_.erase(0, begin_);
    begin_ = 0;
    const std::size_t kept = buffer_.size();
    if (kept > kLongestLine) throw std::runtime_error(name_ + " has a line of more than 64 MiB");
    buffer_.resize(kept + kReadBytes);
    ssize_t count = -1;
    do {
        count = is_interrupted() ? -1 : read(descriptor_, buffer_.data() + kept, kReadBytes);
    } while (count < 0 && errno == EINTR && !is_interrupted());
    buffer_.resize(kept + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    if (count < 0 && is_interrupted()) return false;
    if (count < 0) throw std::runtime_error(name_ + " cannot be read: " + std::strerror(errno));
    is_at_end_ = count == 0;
    return true;
}

}  // namespace headwater::cli
