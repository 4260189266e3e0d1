#include "rest/request_parser.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>

#include "rest/uri.hpp"

namespace headwater::rest {
namespace {

namespace http = boost::beast::http;

constexpr std::size_t kMaxReserve = 64 * 1024;  // a promised length is not memory yet

/// RFC 9112 section 5.2. Beast joins such lines; a reader before us may have seen two fields.
bool has_folded_line(std::string_view header) {
    std::size_t end = header.find('\n');
    while (end != header.npos && end + 1 < header.size()) {
        if (header[end + 1] == ' ' || header[end + 1] == '\t') return true;
        end = header.find('\n', end + 1);
    }
    return false;
}

}  // namespace

void RawRequest::clear() {
    method.clear();
    target.clear();
    headers.clear();
    body.clear();
    is_chunked = false;
}

RequestParser::RequestParser(RawRequest& request) : request_(request) {
    request_.clear();
    header_limit(kMaxHeaderBytes);
    body_limit(boost::none);
}

RequestParser::Progress RequestParser::feed(std::string_view bytes, std::size_t& consumed) {
    const bool had_header = is_header_done();
    error_code ec;
    consumed = put(boost::asio::const_buffer(bytes.data(), bytes.size()), ec);
    if (ec == http::error::need_more) return Progress::need_more;
    if (ec) {
        if (!has_own_error_) error_ = classify(ec, bytes);
        return Progress::failed;
    }
    if (!had_header && is_header_done()) {
        if (!has_folded_line(bytes.substr(0, consumed))) return Progress::header_done;
        error_ = ParseError::syntax;
        return Progress::failed;
    }
    return is_done() ? Progress::done : Progress::need_more;
}

ParseError RequestParser::classify(const error_code& ec, std::string_view bytes) const {
    if (ec == http::error::bad_version) return ParseError::version;
    if (ec == http::error::header_limit) {
        const bool is_in_target =
            request_.target.empty() && bytes.substr(0, kMaxTargetBytes).find('\n') == bytes.npos;
        return is_in_target ? ParseError::target_too_long : ParseError::headers_too_large;
    }
    if (ec == http::error::bad_content_length || ec == http::error::multiple_content_length) {
        return ParseError::conflicting_framing;
    }
    if (ec == http::error::bad_transfer_encoding) return ParseError::conflicting_framing;
    return ParseError::syntax;
}

void RequestParser::fail(ParseError error, error_code& ec) {
    error_ = error;
    has_own_error_ = true;
    ec = http::error::bad_value;
}

void RequestParser::on_request_impl(verb, string_view method, string_view target, int version,
                                    error_code& ec) {
    if (target.size() > kMaxTargetBytes) return fail(ParseError::target_too_long, ec);
    request_.method.assign(method);
    request_.target.assign(target);
    request_.version = version;
}

void RequestParser::on_field_impl(field name, string_view name_text, string_view value, error_code& ec) {
    if (is_header_done()) return;  // trailers may not add to what was decided by the header
    if (request_.headers.size() == kMaxFields) return fail(ParseError::headers_too_large, ec);
    request_.headers.add(name_text, value);
    if (name == field::content_length) {
        const bool is_number =
            !value.empty() && std::ranges::all_of(value, [](char c) { return c >= '0' && c <= '9'; });
        if (++lengths_ > 1 || !is_number) fail(ParseError::conflicting_framing, ec);
    } else if (name == field::transfer_encoding) {
        if (++encodings_ > 1 || !equals_ignoring_case(value, "chunked"))
            fail(ParseError::transfer_encoding, ec);
    } else if (name == field::host) {
        if (++hosts_ > 1 || (!value.empty() && !is_valid_authority(value))) fail(ParseError::host, ec);
    }
}

void RequestParser::on_header_impl(error_code& ec) {
    if (encodings_ > 0 && (lengths_ > 0 || request_.version < 11))
        return fail(ParseError::conflicting_framing, ec);
    if (hosts_ == 0 && request_.version >= 11) return fail(ParseError::host, ec);
    request_.is_chunked = chunked();
    if (const auto length = content_length()) declared_length_ = *length;
}

void RequestParser::on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code& ec) {
    if (!length) return;
    if (*length > max_body_) return fail(ParseError::body_too_large, ec);
    request_.body.reserve(std::min<std::size_t>(*length, kMaxReserve));
}

std::size_t RequestParser::on_body_impl(string_view body, error_code&) {
    request_.body.append(body);
    return body.size();
}

void RequestParser::on_chunk_header_impl(std::uint64_t size, string_view, error_code& ec) {
    if (size > max_body_ || request_.body.size() + size > max_body_) fail(ParseError::body_too_large, ec);
}

std::size_t RequestParser::on_chunk_body_impl(std::uint64_t, string_view body, error_code&) {
    request_.body.append(body);
    return body.size();
}

}  // namespace headwater::rest
