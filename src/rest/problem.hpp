#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/errors.hpp"
#include "rest/response.hpp"

namespace headwater::rest {

/// What is wrong with a request before any rule of the domain is asked.
enum class HttpError {
    bad_request,
    https_required,
    not_found,
    method_not_allowed,
    not_acceptable,
    request_timeout,
    content_too_large,
    uri_too_long,
    unsupported_media_type,
    expectation_failed,
    headers_too_large,
    upgrade_required,
    origin_refused,
    wrong_key,
    internal_error,
    not_implemented,
    version_not_supported,
    too_many_connections,
    unauthenticated,
    forbidden,
    too_many_requests,
};

/// A problem type: the stable relative URI, its title and its status. This file and its .cpp are the only
/// place that chooses a status for an error.
struct ProblemType {
    std::string_view uri;
    std::string_view title;
    int status;
};
[[nodiscard]] ProblemType problem_type(Refusal::Kind kind);
[[nodiscard]] ProblemType problem_type(HttpError error);

/// RFC 9457 bodies. `instance` is the request id; "" leaves it out (items of a batch).
[[nodiscard]] std::string problem_json(const Refusal& refusal, std::string_view instance);

[[nodiscard]] Response problem_response(const Refusal& refusal, std::string_view request_id);
[[nodiscard]] Response problem_response(HttpError error, std::string_view detail,
                                        std::string_view request_id);

/// A batch of which nothing was taken; `results` is its JSON array. `common` is the kind of every refusal
/// when they are all alike: the whole answer is then of that kind.
[[nodiscard]] Response batch_refused_response(std::string_view results, std::optional<Refusal::Kind> common,
                                              std::string_view request_id);

/// The answers to a failure that nobody foresaw: 503 for PostgreSQL away, 500 without a word about the cause.
[[nodiscard]] Response unavailable_response(std::string_view request_id);
[[nodiscard]] Response internal_error_response(std::string_view request_id);

}  // namespace headwater::rest
