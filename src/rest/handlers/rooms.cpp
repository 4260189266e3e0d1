#include <algorithm>
#include <utility>

#include "core/appender.hpp"
#include "core/registry.hpp"
#include "core/room.hpp"
#include "rest/handlers/handlers.hpp"
#include "rest/handlers/room_answer.hpp"
#include "rest/handlers/send_answer.hpp"
#include "rest/live_upgrade.hpp"
#include "rest/offload.hpp"
#include "rest/problem.hpp"
#include "rest/refusals.hpp"
#include "rest/request_body.hpp"
#include "rest/room_identity.hpp"
#include "rest/room_publish_body.hpp"

namespace headwater::rest {
namespace {

bool is_json(const RequestContext& request) {
    const std::string_view type = request.headers().find("Content-Type").value_or("");
    return equals_ignoring_case(trim(type.substr(0, type.find(';'))), "application/json");
}

Awaitable<std::expected<std::string, Refusal>> read_message(RequestContext& request) {
    const EventLimits& limits = request.options().limits;
    auto parse = [&request, &limits] { return parse_room_message(request.body(), limits); };
    if (request.body().size() <= kMaxInlineBody) co_return parse();
    co_return co_await offload(request, parse);
}

Awaitable<HandlerResult> append_message(RequestContext& request, EventTypePtr type, std::string payload) {
    const bool is_ephemeral = type->retention.is_ephemeral();
    const std::string name = type->name;
    std::vector<NewEvent> events(1);
    events[0].type = std::move(type);
    events[0].subject = request.path("room");
    events[0].payload = std::move(payload);
    auto start = [&](auto done) { request.services().appender.submit(std::move(events), std::move(done)); };
    auto appended = co_await await_completion<Appender::Answer>(request.mailbox(), start);
    if (!appended) co_return std::unexpected(std::move(appended.error()));
    if (appended->front().outcome == Appended::Outcome::unregistered) co_return unknown_namespace();
    if (appended->front().outcome == Appended::Outcome::rejected) co_return try_again_later(request);
    auto answer = answer_single(request, make_outcome(name, is_ephemeral, std::move(appended->front())));
    if (answer) answer->status = 201;
    co_return answer;
}

}  // namespace

Awaitable<HandlerResult> publish_to_room(RequestContext& request) {
    if (!is_json(request)) co_return refuse(Refusal::Kind::invalid, "Expected application/json");
    if (auto opened = co_await open_any_body(request, request.options().limits.max_body_bytes); !opened)
        co_return std::move(opened.error());
    if (!may_serve(request)) co_return forbidden(request);
    if (!is_room_name(request.path("room"))) co_return unknown_room();
    const bool is_known = co_await knows_namespace(request, request.path("namespace"));
    const EventTypePtr type =
        request.services().registry.view()->find_type(room_type(request.path("namespace")));
    if (!is_known || !type) co_return unknown_namespace();
    auto payload = co_await read_message(request);
    if (!payload) co_return std::unexpected(std::move(payload.error()));
    co_return co_await append_message(request, type, std::move(*payload));
}

Awaitable<HandlerResult> get_room_feed(RequestContext& request) {
    if (!has_credential(request)) co_return unauthorized(request, "No Authorization header");
    auto identify = [&request] { return identify_reader(request); };
    auto reader = co_await offload(request, identify);
    if (!reader) co_return unauthorized(request, "No Authorization header");
    co_return go_live_with(
        request,
        LiveRequest{.types = {}, .subject = {}, .since = {}, .is_named = false, .rooms = std::move(reader)});
}

}  // namespace headwater::rest
