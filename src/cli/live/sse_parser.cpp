#include "cli/live/sse_parser.hpp"

namespace headwater::cli {

bool SseParser::feed(std::string_view bytes) {
    rest_.append(bytes);
    std::size_t begin = 0;
    for (;;) {
        const std::size_t end = rest_.find_first_of("\r\n", begin);
        // What follows a CR decides whether the line ends with one byte or two.
        if (end == std::string::npos || (rest_[end] == '\r' && end + 1 == rest_.size())) break;
        const bool is_pair = rest_[end] == '\r' && rest_[end + 1] == '\n';
        const std::size_t next = end + (is_pair ? 2 : 1);
        if (!take_line(std::string_view(rest_).substr(begin, end - begin))) return false;
        begin = next;
    }
    rest_.erase(0, begin);
    return true;
}

bool SseParser::take_line(std::string_view line) {
    if (line.empty()) {
        const bool is_whole = has_field_;
        has_field_ = false;
        if (message_.data.ends_with('\n')) message_.data.pop_back();
        const bool goes_on = !is_whole || on_message_(message_);
        message_.event.clear();
        message_.data.clear();
        return goes_on;
    }
    const std::size_t colon = line.find(':');
    const std::string_view field = line.substr(0, colon);
    std::string_view value = colon == std::string_view::npos ? "" : line.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    if (field == "data") message_.data.append(value).push_back('\n');
    if (field == "event") message_.event = value;
    if (field == "id") message_.id = value;
    has_field_ = has_field_ || field == "data" || field == "id";
    return true;
}

}  // namespace headwater::cli
