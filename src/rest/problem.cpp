#include "rest/problem.hpp"

#include <fmt/format.h>

#include <iterator>
#include <span>

#include "core/json_text.hpp"

namespace headwater::rest {
namespace {

std::string to_json(const ProblemType& type, std::string_view detail, std::span<const FieldError> errors,
                    std::string_view instance, bool is_discarded) {
    const std::string sentence = to_json_string(detail);
    std::string out = fmt::format(R"({{"type":"{}","title":"{}","status":{},"detail":{})", type.uri,
                                  type.title, type.status, sentence);
    if (!instance.empty())
        fmt::format_to(std::back_inserter(out), R"(,"instance":{})", to_json_string(instance));
    if (!errors.empty()) {
        out += R"(,"errors":[)";
        for (const FieldError& error : errors) {
            if (&error != errors.data()) out += ',';
            fmt::format_to(std::back_inserter(out), R"({{"pointer":{},"detail":{}}})",
                           to_json_string(error.pointer), to_json_string(error.detail));
        }
        out += ']';
    }
    if (is_discarded) out += R"(,"discarded":true)";
    out += R"(,"error":)" + sentence + "}";
    return out;
}

Response to_response(const ProblemType& type, std::string body) {
    Response response;
    response.status = type.status;
    response.content_type = "application/problem+json";
    response.body = std::move(body);
    response.set("Cache-Control", "no-store");
    if (type.status == 503) response.set("Retry-After", "2");
    if (type.status == 401) response.set("WWW-Authenticate", R"(Bearer realm="headwater")");
    return response;
}

}  // namespace

ProblemType problem_type(Refusal::Kind kind) {
    switch (kind) {
        case Refusal::Kind::malformed:
            return {"/problems/malformed-request", "Malformed request", 400};
        case Refusal::Kind::invalid:
            return {"/problems/invalid-request", "Invalid request", 422};
        case Refusal::Kind::unregistered_type:
            return {"/problems/unregistered-type", "Unregistered event type", 422};
        case Refusal::Kind::reserved_type:
            return {"/problems/reserved-type", "Reserved event type", 422};
        case Refusal::Kind::schema_violation:
            return {"/problems/schema-violation", "Payload does not meet the schema", 422};
        case Refusal::Kind::idempotency_conflict:
            return {"/problems/idempotency-conflict", "Idempotency key used for another event", 422};
        case Refusal::Kind::too_large:
            return {"/problems/content-too-large", "Content too large", 413};
        case Refusal::Kind::not_found:
            return {"/problems/not-found", "Not found", 404};
        case Refusal::Kind::gone:
            return {"/problems/gone", "Gone", 410};
        case Refusal::Kind::unauthenticated:
            return {"/problems/unauthenticated", "A key is needed", 401};
        case Refusal::Kind::forbidden:
            return {"/problems/forbidden", "Not allowed by this key", 403};
        case Refusal::Kind::conflict:
            return {"/problems/conflict", "Conflict", 409};
        case Refusal::Kind::precondition_failed:
            return {"/problems/precondition-failed", "Precondition failed", 412};
        case Refusal::Kind::overloaded:
            return {"/problems/overloaded", "Overloaded", 503};
        case Refusal::Kind::unavailable:
            return {"/problems/unavailable", "Temporarily unavailable", 503};
    }
    return problem_type(HttpError::internal_error);
}

ProblemType problem_type(HttpError error) {
    switch (error) {
        case HttpError::bad_request:
            return problem_type(Refusal::Kind::malformed);
        case HttpError::https_required:
            return {"/problems/https-required", "HTTPS required", 400};
        case HttpError::not_found:
            return problem_type(Refusal::Kind::not_found);
        case HttpError::method_not_allowed:
            return {"/problems/method-not-allowed", "Method not allowed", 405};
        case HttpError::not_acceptable:
            return {"/problems/not-acceptable", "Not acceptable", 406};
        case HttpError::request_timeout:
            return {"/problems/request-timeout", "Request timeout", 408};
        case HttpError::content_too_large:
            return problem_type(Refusal::Kind::too_large);
        case HttpError::uri_too_long:
            return {"/problems/uri-too-long", "URI too long", 414};
        case HttpError::unsupported_media_type:
            return {"/problems/unsupported-media-type", "Unsupported media type", 415};
        case HttpError::expectation_failed:
            return {"/problems/expectation-failed", "Expectation failed", 417};
        case HttpError::headers_too_large:
            return {"/problems/headers-too-large", "Header fields too large", 431};
        case HttpError::upgrade_required:
            return {"/problems/upgrade-required", "Upgrade required", 426};
        case HttpError::origin_refused:
            return {"/problems/origin-refused", "Origin refused", 403};
        case HttpError::wrong_key:
            return {"/problems/wrong-key", "Wrong key", 403};
        case HttpError::unauthenticated:
            return problem_type(Refusal::Kind::unauthenticated);
        case HttpError::forbidden:
            return problem_type(Refusal::Kind::forbidden);
        case HttpError::too_many_requests:
            return {"/problems/too-many-requests", "Too many requests", 429};
        case HttpError::internal_error:
            return {"/problems/internal-error", "Internal error", 500};
        case HttpError::not_implemented:
            return {"/problems/not-implemented", "Not implemented", 501};
        case HttpError::version_not_supported:
            return {"/problems/version-not-supported", "HTTP version not supported", 505};
        case HttpError::too_many_connections:
            return problem_type(Refusal::Kind::overloaded);
    }
    return {"/problems/internal-error", "Internal error", 500};
}

std::string problem_json(const Refusal& refusal, std::string_view instance) {
    return to_json(problem_type(refusal.kind), refusal.detail, refusal.errors, instance,
                   refusal.kind == Refusal::Kind::unregistered_type);
}

Response problem_response(const Refusal& refusal, std::string_view request_id) {
    return to_response(problem_type(refusal.kind), problem_json(refusal, request_id));
}

Response problem_response(HttpError error, std::string_view detail, std::string_view request_id) {
    const ProblemType type = problem_type(error);
    return to_response(type, to_json(type, detail, {}, request_id, false));
}

Response batch_refused_response(std::string_view results, std::optional<Refusal::Kind> common,
                                std::string_view request_id) {
    constexpr ProblemType kMixed{"/problems/batch-refused", "No event of the batch was taken", 422};
    const ProblemType own = common ? problem_type(*common) : kMixed;
    const ProblemType type = own.status == kMixed.status ? own : kMixed;
    std::string body = to_json(type, "Every item of the batch was refused; each result says why.", {},
                               request_id, common == Refusal::Kind::unregistered_type);
    body.pop_back();
    body.append(",\"results\":").append(results).append("}");
    return to_response(type, std::move(body));
}

Response unavailable_response(std::string_view request_id) {
    return problem_response(
        Refusal{Refusal::Kind::unavailable, "The event store cannot be reached; try again later."},
        request_id);
}

Response internal_error_response(std::string_view request_id) {
    return problem_response(HttpError::internal_error,
                            "Something went wrong on the server; the request id helps to find it.",
                            request_id);
}

}  // namespace headwater::rest
