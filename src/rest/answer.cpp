#include "rest/answer.hpp"

#include <exception>

#include "core/errors.hpp"
#include "core/log.hpp"
#include "rest/finishing.hpp"
#include "rest/offload.hpp"
#include "rest/problem.hpp"

namespace headwater::rest {
namespace {

constexpr std::size_t kMaxInlineGzip = 64 * 1024;  // about a millisecond of an io thread

Response translate(const std::exception_ptr& failure, const Route& route, const RequestContext& request) {
    try {
        std::rethrow_exception(failure);
    } catch (const Unavailable& error) {
        log::debug("request.unavailable",
                   {{"route", route.name}, {"request", request.request_id}, {"reason", error.what()}});
        if (route.texts == nullptr) return unavailable_response(request.request_id);
        return problem_response(Refusal{Refusal::Kind::unavailable, std::string(route.texts->failed)},
                                request.request_id);
    } catch (const std::exception& error) {
        log::error("request.failed",
                   {{"route", route.name}, {"request", request.request_id}, {"reason", error.what()}});
    } catch (...) {
        log::error("request.failed", {{"route", route.name}, {"request", request.request_id}});
    }
    if (route.texts == nullptr) return internal_error_response(request.request_id);
    return problem_response(HttpError::internal_error, route.texts->failed, request.request_id);
}

bool is_failure(Refusal::Kind kind) {
    return kind == Refusal::Kind::overloaded || kind == Refusal::Kind::unavailable;
}

}  // namespace

Awaitable<Response> answer(const Route& route, RequestContext& request) {
    std::exception_ptr failure;
    try {
        HandlerResult result = co_await route.handler(request);
        if (result) co_return std::move(*result);
        if (route.texts != nullptr && is_failure(result.error().kind))
            result.error().detail = route.texts->failed;
        co_return problem_response(result.error(), request.request_id);
    } catch (...) {
        failure = std::current_exception();
    }
    co_return translate(failure, route, request);
}

Awaitable<void> finish(RequestContext& request, Response& response) {
    finish_response(request, response);
    if (response.takeover || !should_compress(request, response)) co_return;
    if (response.body.size() <= kMaxInlineGzip) {
        compress_response(response);
        co_return;
    }
    try {
        auto compress = [&response] {
            compress_response(response);
            return true;
        };
        co_await offload(request, compress);
    } catch (const Unavailable&) {
        co_return;  // a full pool: the plain body will do
    }
}

}  // namespace headwater::rest
