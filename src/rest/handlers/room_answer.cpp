#include "rest/handlers/room_answer.hpp"

#include "core/room_namespace.hpp"
#include "rest/offload.hpp"
#include "rest/problem.hpp"
#include "rest/refusals.hpp"
#include "rest/registry_refresher.hpp"

namespace headwater::rest {

std::unexpected<Refusal> unknown_namespace() {
    return refuse(Refusal::Kind::not_found, "Unknown namespace");
}

std::unexpected<Refusal> unknown_room() {
    return refuse(Refusal::Kind::not_found, "Unknown room");
}

Response unauthorized(const RequestContext& request, std::string_view sentence) {
    return problem_response(HttpError::unauthenticated, sentence, request.request_id);
}

bool may_serve(const RequestContext& request) {
    return request.caller().may(Scope::rooms, room_type(request.path("namespace")));
}

Response forbidden(const RequestContext& request) {
    return problem_response(HttpError::forbidden, "The key does not allow this.", request.request_id);
}

Response try_again_later(const RequestContext& request) {
    return problem_response(HttpError::internal_error, "Try again later", request.request_id);
}

Awaitable<bool> knows_namespace(RequestContext& request, std::string_view name) {
    const RoomDirectory& directory = request.services().rooms->directory;
    if (!is_namespace_name(name)) co_return false;
    if (directory.view()->find(name) != nullptr) co_return true;
    auto start = [&request](auto done) { request.registry_refresher().refresh(std::move(done)); };
    const bool is_fresh = co_await await_completion<bool>(request.mailbox(), start);
    if (directory.view()->find(name) != nullptr) co_return true;
    if (!is_fresh) throw Unavailable("the namespaces cannot be read");
    co_return false;
}

}  // namespace headwater::rest
