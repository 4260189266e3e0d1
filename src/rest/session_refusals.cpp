// How a session says no before a handler was asked.
#include <utility>

#include "rest/live_upgrade.hpp"
#include "rest/parse_problem.hpp"
#include "rest/problem.hpp"
#include "rest/session.hpp"

namespace headwater::rest {

void Session::turn_away(Reception& reception, const RequestContext& context) const {
    if (reception.answer || !place_.is_one_too_many() || asks_for_live(*reception.route, context)) return;
    reception.answer =
        problem_response(HttpError::too_many_connections, "Too many connections are open.", request_id_);
}

Awaitable<bool> Session::refuse(Response response) {
    if (!is_open_) co_return false;
    has_unread_input_ = true;
    record(kNoRoute, response.status);
    co_await write_response(response, false);
    co_return false;
}

Awaitable<bool> Session::refuse(ParseError error) {
    // A local: GCC 12 destroys a conditional temporary of a co_await expression twice.
    Response response = parse_problem_response(error, request_id_);
    if (is_plain_by_mistake_) response = https_required();
    co_return co_await refuse(std::move(response));
}

Awaitable<bool> Session::refuse_late(std::string_view detail) {
    co_return co_await refuse(problem_response(HttpError::request_timeout, detail, request_id_));
}

Awaitable<bool> Session::refuse_crowded() {
    raw_.body = {};  // others wait for the room, and the answer may linger
    held_.clear();
    const Refusal refusal{Refusal::Kind::overloaded, "Too many large requests are under way."};
    Response response = problem_response(refusal, request_id_);
    co_return co_await refuse(std::move(response));
}

}  // namespace headwater::rest
