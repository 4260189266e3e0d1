#include <optional>
#include <utility>
#include <variant>

#include "core/room_acl.hpp"
#include "core/room_store.hpp"
#include "rest/handlers/handlers.hpp"
#include "rest/handlers/room_answer.hpp"
#include "rest/json_object.hpp"
#include "rest/offload.hpp"
#include "rest/refusals.hpp"
#include "rest/room_identity.hpp"

namespace headwater::rest {
namespace {

constexpr int kTries = 3;

const RoomServices& rooms_of(const RequestContext& request) {
    return *request.services().rooms;
}

/// What the namespace's service says, or has said a moment ago.
Awaitable<RoomVerdicts::Entry> ask(RequestContext& request, const RoomQuestion& question) {
    const RoomServices& rooms = rooms_of(request);
    if (const auto known = rooms.verdicts.find(question)) co_return *known;
    // First the number, then the question: a revocation in between makes the permission void.
    auto look = [&] { return rooms.store.last_revocation(question.user, question.room); };
    RoomVerdicts::Entry entry;
    entry.permitted_at = co_await offload(request, look);
    auto start = [&](auto done) { rooms.authority.ask(question, std::move(done)); };
    entry.verdict = co_await await_completion<RoomVerdict>(request.mailbox(), start);
    rooms.verdicts.add(question, entry);
    co_return entry;
}

Awaitable<std::expected<RoomChangeOutcome, Refusal>> record(RequestContext& request, RoomChange change) {
    using Answer = std::expected<RoomChangeOutcome, Refusal>;
    auto start = [&](auto done) { rooms_of(request).desk.submit(std::move(change), std::move(done)); };
    co_return co_await await_completion<Answer>(request.mailbox(), start);
}

HandlerResult answer_of(const RequestContext& request, const RoomChange& change, RoomChangeOutcome outcome) {
    switch (outcome) {
        case RoomChangeOutcome::unknown_namespace:
            return unknown_namespace();
        case RoomChangeOutcome::revoked:
            return try_again_later(request);
        case RoomChangeOutcome::too_many:
            return refuse(Refusal::Kind::conflict,
                          "You are in as many rooms as anybody may be: leave one before you enter another.");
        case RoomChangeOutcome::done:
            break;
    }
    Response response;
    JsonObject object(response.body);
    object.text("namespace", change.room.space).text("room", change.room.room).text("user", change.user);
    object.boolean("subscribed", change.kind == RoomChange::Kind::subscribe);
    object.end();
    response.set("Cache-Control", "no-store");
    return response;
}

HandlerResult refusal_of(const RequestContext& request, RoomVerdict verdict) {
    if (verdict == RoomVerdict::denied) return unauthorized(request, "Log in");
    if (verdict == RoomVerdict::unknown_room) return unknown_room();
    return try_again_later(request);
}

/// Asks again when the permission was taken back while it was being used.
Awaitable<HandlerResult> subscribe(RequestContext& request, const RoomQuestion& question) {
    RoomChange change{
        .kind = RoomChange::Kind::subscribe, .user = question.user, .room = question.room, .permitted_at = 0};
    for (int tries = 1;; ++tries) {
        const RoomVerdicts::Entry entry = co_await ask(request, question);
        if (entry.verdict != RoomVerdict::allowed) co_return refusal_of(request, entry.verdict);
        change.permitted_at = entry.permitted_at;
        auto outcome = co_await record(request, change);
        if (!outcome) co_return std::unexpected(std::move(outcome.error()));
        if (*outcome != RoomChangeOutcome::revoked || tries == kTries)
            co_return answer_of(request, change, *outcome);
        rooms_of(request).verdicts.forget(question.user, question.room);
    }
}

/// Who asks for which room, once both are known; else the answer to give.
struct Asked {
    std::string user;
    RoomNamespace space;
};
Awaitable<std::variant<Asked, HandlerResult>> read_asked(RequestContext& request) {
    const std::string& name = request.path("namespace");
    if (!has_credential(request)) co_return HandlerResult(unauthorized(request, "Log in"));
    if (!co_await knows_namespace(request, name)) co_return HandlerResult(unknown_namespace());
    const RoomNamespacesPtr all = rooms_of(request).directory.view();
    const RoomNamespace* space = all->find(name);
    if (space == nullptr) co_return HandlerResult(unknown_namespace());
    auto reader = identify_reader(request, space);
    if (!reader || !reader->may_read(name)) co_return HandlerResult(unauthorized(request, "Log in"));
    if (!is_room_name(request.path("room"))) co_return HandlerResult(unknown_room());
    co_return Asked{std::move(reader->user), *space};
}

}  // namespace

/// HEAD looks whether it would be answered, and changes nothing.
Awaitable<HandlerResult> subscribe_to_room(RequestContext& request) {
    auto answer = co_await read_asked(request);
    if (auto* refused = std::get_if<HandlerResult>(&answer)) co_return std::move(*refused);
    Asked& asked = std::get<Asked>(answer);
    const RoomQuestion question{.acl_url = asked.space.acl_url,
                                .room = {asked.space.name, request.path("room")},
                                .user = std::move(asked.user)};
    if (request.is_head()) co_return json_response(200, "");
    co_return co_await subscribe(request, question);
}

Awaitable<HandlerResult> unsubscribe_from_room(RequestContext& request) {
    auto answer = co_await read_asked(request);
    if (auto* refused = std::get_if<HandlerResult>(&answer)) co_return std::move(*refused);
    Asked& asked = std::get<Asked>(answer);
    const RoomChange change{.kind = RoomChange::Kind::unsubscribe,
                            .user = std::move(asked.user),
                            .room = {asked.space.name, request.path("room")}};
    auto outcome = co_await record(request, change);
    if (!outcome) co_return std::unexpected(std::move(outcome.error()));
    co_return answer_of(request, change, *outcome);
}

Awaitable<HandlerResult> revoke_room_access(RequestContext& request) {
    if (!may_serve(request)) co_return forbidden(request);
    if (!co_await knows_namespace(request, request.path("namespace"))) co_return unknown_namespace();
    if (!is_room_name(request.path("room"))) co_return unknown_room();
    if (!is_user_name(request.path("user")))
        co_return refuse(Refusal::Kind::not_found, "This cannot be a user's name.");
    const RoomChange change{.kind = RoomChange::Kind::revoke,
                            .user = request.path("user"),
                            .room = {request.path("namespace"), request.path("room")}};
    auto outcome = co_await record(request, change);
    if (!outcome) co_return std::unexpected(std::move(outcome.error()));
    rooms_of(request).verdicts.forget(change.user, change.room);
    co_return answer_of(request, change, *outcome);
}

}  // namespace headwater::rest
