#include <string_view>

#include "core/check_in_desk.hpp"
#include "rest/handlers/handlers.hpp"
#include "rest/offload.hpp"
#include "rest/problem.hpp"
#include "rest/refusals.hpp"

namespace headwater::rest {
namespace {

/// The key in any of the headers that carry one; "" when there is none.
std::string_view key_of(const Headers& headers) {
    for (const std::string_view name : {"x-api-key", "X-Auth-Token"}) {
        if (const auto key = headers.find(name)) return *key;
    }
    return bearer_token(headers);
}

HandlerResult answer_of(const RequestContext& request, CheckInOutcome outcome) {
    switch (outcome) {
        case CheckInOutcome::recorded: {
            Response response = empty_response(204);
            response.set("Cache-Control", "no-store");
            return response;
        }
        case CheckInOutcome::unknown_monitor:
            break;
        case CheckInOutcome::wrong_key:
            return problem_response(HttpError::wrong_key,
                                    "The x-api-key header does not hold this monitor's key.",
                                    request.request_id);
    }
    return refuse(Refusal::Kind::not_found, "There is no such monitor.");
}

Awaitable<HandlerResult> record(RequestContext& request, CheckIn one) {
    using Answer = std::expected<CheckInOutcome, Refusal>;
    auto start = [&request, &one](auto done) {
        request.services().monitors->desk.submit(one, std::move(done));
    };
    auto answer = co_await await_completion<Answer>(request.mailbox(), start);
    if (!answer) co_return std::unexpected(std::move(answer.error()));
    co_return answer_of(request, *answer);
}

Awaitable<HandlerResult> record_with_header(RequestContext& request, CheckIn::Kind kind) {
    const auto id = parse_id<MonitorId>(request.path("monitor"));
    if (!id) co_return answer_of(request, CheckInOutcome::unknown_monitor);
    co_return co_await record(request, {*id, hash_of_monitor_key(key_of(request.headers())), kind});
}

}  // namespace

Awaitable<HandlerResult> check_in(RequestContext& request) {
    return record_with_header(request, CheckIn::Kind::ok);
}

Awaitable<HandlerResult> report_failure(RequestContext& request) {
    return record_with_header(request, CheckIn::Kind::fail);
}

Awaitable<HandlerResult> check_in_by_secret(RequestContext& request) {
    const Digest key = hash_of_monitor_key(request.path("secret"));
    co_return co_await record(request, {std::nullopt, key, CheckIn::Kind::ok});
}

}  // namespace headwater::rest
