#include "tests/support/http_message.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "postgres/process.hpp"

namespace headwater::testing {
namespace {

bool equals_in_any_case(std::string_view left, std::string_view right) {
    return std::ranges::equal(
        left, right, [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); });
}

std::string trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t");
    return begin == std::string_view::npos
               ? ""
               : std::string(text.substr(begin, text.find_last_not_of(" \t") - begin + 1));
}

}  // namespace

std::optional<std::string> find_header(const HttpHeaders& headers, std::string_view name) {
    const auto found =
        std::ranges::find_if(headers, [name](const auto& h) { return equals_in_any_case(h.first, name); });
    return found == headers.end() ? std::nullopt : std::optional(found->second);
}

HttpHead parse_head(std::string_view text) {
    HttpHead head;
    const auto take_line = [&text] {
        const auto end = std::min(text.find("\r\n"), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 2, text.size()));
        return line;
    };
    head.first_line = take_line();
    while (!text.empty()) {
        const std::string_view line = take_line();
        const auto colon = std::min(line.find(':'), line.size());
        head.headers.emplace_back(line.substr(0, colon),
                                  trimmed(line.substr(std::min(colon + 1, line.size()))));
    }
    return head;
}

HttpReader::Got HttpReader::receive() {
    std::array<char, 16 * 1024> bytes{};
    if (!postgres::wait_readable(socket_, std::chrono::steady_clock::now() + patience_)) {
        return Got::nothing;
    }
    const ssize_t got = ::recv(socket_, bytes.data(), bytes.size(), 0);
    if (got <= 0) {
        return Got::end;
    }
    buffer_.append(bytes.data(), static_cast<std::size_t>(got));
    return Got::bytes;
}

std::optional<std::string> HttpReader::read_until(std::string_view mark) {
    std::size_t at = buffer_.find(mark);
    while (at == std::string::npos) {
        const std::size_t seen = buffer_.size() < mark.size() ? 0 : buffer_.size() - mark.size();
        if (receive() != Got::bytes) {
            return std::nullopt;
        }
        at = buffer_.find(mark, seen);
    }
    std::string text = buffer_.substr(0, at);
    buffer_.erase(0, at + mark.size());
    return text;
}

std::optional<std::string> HttpReader::read_exactly(std::size_t size) {
    while (buffer_.size() < size) {
        if (receive() != Got::bytes) {
            return std::nullopt;
        }
    }
    std::string bytes = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return bytes;
}

std::optional<HttpHead> HttpReader::read_head() {
    const auto text = read_until("\r\n\r\n");
    return text ? std::optional(parse_head(*text)) : std::nullopt;
}

std::optional<std::string> HttpReader::read_body(const HttpHeaders& headers, Unframed unframed) {
    if (find_header(headers, "Transfer-Encoding")) {
        return read_chunks();
    }
    if (const auto length = find_header(headers, "Content-Length")) {
        return read_exactly(std::stoul(*length));
    }
    return unframed == Unframed::empty ? std::optional<std::string>("") : read_to_end();
}

std::optional<std::string> HttpReader::read_chunks() {
    std::string body;
    for (;;) {
        const auto size_line = read_until("\r\n");
        if (!size_line) {
            return std::nullopt;
        }
        const std::size_t size = std::stoul(*size_line, nullptr, 16);
        const auto chunk = read_exactly(size + 2);
        if (!chunk) {
            return std::nullopt;
        }
        if (size == 0) {
            return body;
        }
        body.append(*chunk, 0, size);
    }
}

std::optional<std::string> HttpReader::read_to_end() {
    Got got = Got::bytes;
    while (got == Got::bytes) {
        got = receive();
    }
    return got == Got::end ? std::optional(std::exchange(buffer_, "")) : std::nullopt;
}

bool HttpReader::sees_end() {
    return read_to_end().has_value();
}

}  // namespace headwater::testing
