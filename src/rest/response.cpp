#include "rest/response.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "rest/headers.hpp"

namespace headwater::rest {
namespace {

void append_field(std::string& out, std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
}

void append_number(std::string& out, std::size_t number) {
    std::array<char, 20> digits;
    out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr);
}

/// RFC 9110 section 8.6: no length where there can be no body.
bool has_length(int status) {
    return status >= 200 && status != 204 && status != 304;
}

}  // namespace

void Response::replace(std::string_view name, std::string value) {
    std::erase_if(headers, [&](const Field& f) { return equals_ignoring_case(f.first, name); });
    set(name, std::move(value));
}

const std::string* Response::find(std::string_view name) const {
    const auto found =
        std::ranges::find_if(headers, [&](const Field& f) { return equals_ignoring_case(f.first, name); });
    return found == headers.end() ? nullptr : &found->second;
}

Response json_response(int status, std::string body) {
    Response response;
    response.status = status;
    response.body = std::move(body);
    return response;
}

Response empty_response(int status) {
    Response response;
    response.status = status;
    response.content_type = {};
    return response;
}

void append_response(std::string& out, const Response& response, const ResponseFrame& frame) {
    out.reserve(out.size() + 256 + response.body.size());
    append_number(out.append("HTTP/1.1 "), static_cast<std::size_t>(response.status));
    out.append(" ").append(reason_phrase(response.status)).append("\r\n");
    append_field(out, "Date", frame.date);
    if (!response.content_type.empty()) append_field(out, "Content-Type", response.content_type);
    if (has_length(response.status)) {
        append_number(out.append("Content-Length: "), response.body.size());
        out.append("\r\n");
    }
    append_field(out, "X-Request-Id", frame.request_id);
    for (const Response::Field& field : response.headers) append_field(out, field.first, field.second);
    if (frame.will_close) {
        out.append("Connection: close\r\n");
    } else if (frame.is_http10) {
        out.append("Connection: keep-alive\r\n");
    }
    out.append("\r\n");
    if (!frame.is_head && has_length(response.status)) out.append(response.body);
}

std::string head_fields_of(const Response& response, std::string_view date) {
    std::string out;
    append_field(out, "Date", date);
    for (const Response::Field& field : response.headers) append_field(out, field.first, field.second);
    return out;
}

std::string_view reason_phrase(int status) {
    switch (status) {
        case 200:
            return "OK";
        case 201:
            return "Created";
        case 202:
            return "Accepted";
        case 204:
            return "No Content";
        case 207:
            return "Multi-Status";
        case 304:
            return "Not Modified";
        case 307:
            return "Temporary Redirect";
        case 308:
            return "Permanent Redirect";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 406:
            return "Not Acceptable";
        case 408:
            return "Request Timeout";
        case 409:
            return "Conflict";
        case 410:
            return "Gone";
        case 411:
            return "Length Required";
        case 412:
            return "Precondition Failed";
        case 413:
            return "Content Too Large";
        case 414:
            return "URI Too Long";
        case 415:
            return "Unsupported Media Type";
        case 417:
            return "Expectation Failed";
        case 422:
            return "Unprocessable Content";
        case 426:
            return "Upgrade Required";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 501:
            return "Not Implemented";
        case 503:
            return "Service Unavailable";
        case 505:
            return "HTTP Version Not Supported";
        default:
            return "Status";
    }
}

}  // namespace headwater::rest
