#include "rest/parse_problem.hpp"

#include "rest/problem.hpp"

namespace headwater::rest {
namespace {

struct Explanation {
    HttpError error;
    std::string_view detail;
};

Explanation explain(ParseError error) {
    switch (error) {
        case ParseError::syntax:
            return {HttpError::bad_request, "The request is not HTTP/1.1."};
        case ParseError::version:
            return {HttpError::version_not_supported, "Only HTTP/1.0 and HTTP/1.1 are spoken here."};
        case ParseError::target_too_long:
            return {HttpError::uri_too_long, "The address is longer than 8 KiB."};
        case ParseError::headers_too_large:
            return {HttpError::headers_too_large,
                    "The header is larger than 16 KiB or has more than 100 fields."};
        case ParseError::body_too_large:
            return {HttpError::content_too_large, "The body is larger than this address takes."};
        case ParseError::transfer_encoding:
            return {HttpError::bad_request, "The only transfer encoding that is understood is 'chunked'."};
        case ParseError::conflicting_framing:
            return {HttpError::bad_request, "The request's length is given in conflicting ways."};
        case ParseError::host:
            return {HttpError::bad_request, "The request needs exactly one valid Host header."};
    }
    return {HttpError::bad_request, "The request is not HTTP/1.1."};
}

}  // namespace

Response parse_problem_response(ParseError error, std::string_view request_id) {
    const Explanation why = explain(error);
    return problem_response(why.error, why.detail, request_id);
}

}  // namespace headwater::rest
