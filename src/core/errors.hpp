#pragma once

#include <stdexcept>
#include <string>
#include <vector>

namespace headwater {

/// One mistake in a body: a JSON pointer (RFC 6901; "" is the whole document) and one plain sentence.
struct FieldError {
    std::string pointer;
    std::string detail;
    friend bool operator==(const FieldError&, const FieldError&) = default;
};

/// What a request got wrong. `kind` chooses the problem type and status in rest/problem.cpp and nowhere else.
struct Refusal {
    enum class Kind {
        malformed,             ///< 400: not the syntax that was asked for
        invalid,               ///< 422: understood, but against a rule
        unregistered_type,     ///< 422, "discarded": true
        reserved_type,         ///< 422: the prefixes room:, monitor:, headwater:
        schema_violation,      ///< 422: the payload does not meet the type's JSON Schema
        idempotency_conflict,  ///< 422: the same key with another type, subject or payload
        too_large,             ///< 413
        not_found,             ///< 404
        gone,                  ///< 410
        conflict,              ///< 409
        precondition_failed,   ///< 412: If-Match did not match
        overloaded,            ///< 503: a bounded queue is full
        unavailable,           ///< 503: PostgreSQL is away or the outcome could not be learnt in time
        unauthenticated,       ///< 401: the key is no longer good
        forbidden,             ///< 403: the key does not allow it for this type
    };
    Kind kind{};
    std::string detail;  ///< one plain sentence, safe to show to a client
    std::vector<FieldError> errors{};
};

/// PostgreSQL cannot be reached, or went away in the middle: the outcome of a write is unknown. Retry later.
/// what() is for the log only.
class Unavailable : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// The database refused the data itself (SQLSTATE 22 or 23): the same call would fail again. what() is for
/// the log only.
class DataRejected : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

}  // namespace headwater
