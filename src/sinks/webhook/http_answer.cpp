#include "sinks/webhook/http_answer.hpp"

#include <algorithm>
#include <charconv>

#include "sinks/webhook/webhook_answer.hpp"

namespace headwater::sinks {
namespace {

constexpr std::size_t kMaxLineBytes = 65'536;  // status lines, headers, chunk sizes and trailers together

char to_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

bool is_same(std::string_view text, std::string_view lower) {
    return std::ranges::equal(text, lower, {}, to_lower);
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

/// All of the text as a number.
std::optional<std::uint64_t> to_number(std::string_view text, int base = 10) {
    std::uint64_t number = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
    if (text.empty() || error != std::errc{} || rest != text.data() + text.size()) return std::nullopt;
    return number;
}

/// Shows the members of a comma-separated list.
template <class Visit>
void for_each_member(std::string_view list, Visit visit) {
    while (!list.empty()) {
        const std::size_t comma = std::min(list.find(','), list.size());
        visit(trimmed(list.substr(0, comma)));
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
}

}  // namespace

void HttpAnswer::restart() {
    std::string input = std::move(input_);
    std::string body = std::move(body_);
    *this = HttpAnswer();
    input_ = std::move(input);  // their memory serves again
    input_.clear();
    body_ = std::move(body);
    body_.clear();
}

HttpAnswer::State HttpAnswer::take(std::string_view bytes) {
    size_ += bytes.size();
    input_.append(bytes);
    while (state_ <= State::body && advance()) {
    }
    if (read_ == input_.size()) {
        input_.clear();
        read_ = 0;
    }
    return state_;
}

HttpAnswer::State HttpAnswer::end() {
    if (state_ == State::body && part_ == Part::until_end) {
        state_ = State::done;
    } else if (state_ <= State::body) {
        fail();
    }
    return state_;
}

bool HttpAnswer::keeps_connection() const {
    if (state_ != State::done || part_ == Part::until_end || read_ != input_.size() || closes_) return false;
    return !is_1_0_ || stays_;
}

/// False when more bytes are needed.
bool HttpAnswer::advance() {
    if (part_ == Part::length || part_ == Part::chunk || part_ == Part::until_end) return take_body();
    const auto line = take_line();
    if (line) on_line(*line);
    return line.has_value();
}

/// Without its end, which may be a bare LF (RFC 9112 section 2.2).
std::optional<std::string_view> HttpAnswer::take_line() {
    const std::size_t end = input_.find('\n', read_);
    const std::size_t length = std::min(end, input_.size()) - read_;
    if (line_bytes_ + length > kMaxLineBytes) {
        fail();
        return std::nullopt;
    }
    if (end == std::string::npos) return std::nullopt;
    std::string_view line = std::string_view(input_).substr(read_, length);
    line_bytes_ += length + 1;
    read_ = end + 1;
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

bool HttpAnswer::take_body() {
    std::string_view bytes = std::string_view(input_).substr(read_);
    if (part_ != Part::until_end) bytes = bytes.substr(0, left_);
    if (bytes.empty()) return false;
    read_ += bytes.size();
    left_ -= bytes.size();
    body_size_ += bytes.size();
    body_.append(bytes.substr(0, kMaxResponseKept - body_.size()));
    if (body_size_ > kMaxResponseRead) {
        state_ = State::cut_off;
    } else if (part_ == Part::length && left_ == 0) {
        state_ = State::done;
    } else if (part_ == Part::chunk && left_ == 0) {
        part_ = Part::chunk_end;
    }
    return true;
}

void HttpAnswer::on_line(std::string_view line) {
    switch (part_) {
        case Part::status_line:
            return on_status_line(line);
        case Part::headers:
            return line.empty() ? on_headers_end() : on_header(line);
        case Part::chunk_size:
            return on_chunk_size(line);
        case Part::chunk_end:
            part_ = Part::chunk_size;
            return line.empty() ? void() : fail();
        case Part::trailers:
            if (line.empty()) state_ = State::done;
            return;
        case Part::length:
        case Part::chunk:
        case Part::until_end:
            return;
    }
}

/// RFC 9112 section 4.
void HttpAnswer::on_status_line(std::string_view line) {
    constexpr std::string_view kVersion = "HTTP/1.";
    const auto status = line.size() < 12 ? std::nullopt : to_number(line.substr(9, 3));
    const bool is_one = line.starts_with(kVersion) && line.size() >= 12 && line[8] == ' ' &&
                        (line[7] == '0' || line[7] == '1') && (line.size() == 12 || line[12] == ' ');
    if (!is_one || !status || *status < 100) return fail();
    status_ = static_cast<int>(*status);
    is_1_0_ = line[7] == '0';
    part_ = Part::headers;
}

void HttpAnswer::on_header(std::string_view line) {
    if (line.front() == ' ' || line.front() == '\t') return;  // folded: none of those that are looked at is
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return fail();
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = trimmed(line.substr(colon + 1));
    if (is_same(name, "content-length")) {
        on_content_length(value);
    } else if (is_same(name, "transfer-encoding")) {
        has_coding_ = true;
        for_each_member(value, [this](std::string_view coding) { is_chunked_ = is_same(coding, "chunked"); });
    } else if (is_same(name, "connection")) {
        on_connection(value);
    } else if (is_same(name, "retry-after")) {
        retry_after_ = value;
    }
}

void HttpAnswer::on_content_length(std::string_view value) {
    const auto length = to_number(value);
    if (!length || (length_ && length_ != length)) return fail();
    length_ = length;
}

void HttpAnswer::on_connection(std::string_view value) {
    for_each_member(value, [this](std::string_view option) {
        if (is_same(option, "close")) closes_ = true;
        if (is_same(option, "keep-alive")) stays_ = true;
    });
}

/// How long the body is: RFC 9112 section 6.3.
void HttpAnswer::on_headers_end() {
    if (status_ < 200 && status_ != 101) {  // interim: the final response follows
        const std::size_t size = size_, line_bytes = line_bytes_, read = read_;
        std::string input = std::move(input_);
        restart();
        input_ = std::move(input);
        size_ = size, line_bytes_ = line_bytes, read_ = read;
        return;
    }
    state_ = State::body;
    if (has_coding_ && length_)
        closes_ = true;  // whoever sends both is not to be trusted with another request
    if (status_ == 101) {
        closes_ = true;
        state_ = State::done;
    } else if (status_ == 204 || status_ == 304) {
        state_ = State::done;
    } else if (has_coding_) {
        part_ = is_chunked_ ? Part::chunk_size : Part::until_end;
    } else if (length_) {
        part_ = Part::length;
        left_ = *length_;
        if (left_ == 0) state_ = State::done;
    } else {
        part_ = Part::until_end;
    }
}

/// RFC 9112 section 7.1; extensions are passed over.
void HttpAnswer::on_chunk_size(std::string_view line) {
    const auto size = to_number(trimmed(line.substr(0, line.find(';'))), 16);
    if (!size) return fail();
    left_ = *size;
    part_ = left_ == 0 ? Part::trailers : Part::chunk;
}

}  // namespace headwater::sinks
