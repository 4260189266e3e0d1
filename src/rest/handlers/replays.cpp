#include <utility>

#include "core/delivery_store.hpp"
#include "rest/handlers/handlers.hpp"
#include "rest/handlers/stream_lookup.hpp"
#include "rest/json_object.hpp"
#include "rest/links.hpp"
#include "rest/paging.hpp"
#include "rest/refusals.hpp"
#include "rest/replay_body.hpp"
#include "rest/replay_view.hpp"
#include "rest/request_body.hpp"

namespace headwater::rest {
namespace {

std::unexpected<Refusal> no_such_replay() {
    return refuse(Refusal::Kind::not_found, "This stream has no such replay.");
}

Response replay_response(const RequestContext& request, const Stream& stream, const Replay& replay) {
    Response response;
    append_replay(response.body, request, stream, replay);
    response.set("Cache-Control", "no-cache");
    return response;
}

HandlerResult start(const RequestContext& request, const Stream& stream, const ReplayBody& body) {
    const Services& services = request.services();
    auto replay = services.deliveries.start_replay(stream.id, to_request(services, stream, body));
    if (!replay) return std::unexpected(std::move(replay.error()));
    Response response = replay_response(request, stream, *replay);
    response.status = 202;
    response.set("Location", replay_address(request, *replay));
    return response;
}

HandlerResult list(const RequestContext& request, const Stream& stream) {
    const auto limit = read_limit(request.query);
    if (!limit) return std::unexpected(limit.error());
    Response response;
    JsonObject object(response.body);
    std::string& replays = object.begin("replays");
    replays += '[';
    for (const Replay& replay : request.services().deliveries.replays(stream.id, *limit)) {
        if (replays.back() != '[') replays += ',';
        append_replay(replays, request, stream, replay);
    }
    replays += ']';
    Links links;
    links.add("self", replays_address(request, stream.id));
    links.add("stream", stream_address(request, stream.id));
    links.append_json(object.begin("links"));
    object.end();
    response.set("Cache-Control", "no-cache");
    return response;
}

HandlerResult read(const RequestContext& request, const Stream& stream, ReplayId id) {
    const auto replay = request.services().deliveries.find_replay(stream.id, id);
    if (!replay) return no_such_replay();
    return replay_response(request, stream, *replay);
}

HandlerResult cancel(const RequestContext& request, const Stream& stream, ReplayId id) {
    const auto replay = request.services().deliveries.cancel_replay(stream.id, id);
    if (!replay) return no_such_replay();
    return replay_response(request, stream, *replay);
}

/// Runs work(stream, id) for the replay that the path names.
template <class Work>
Awaitable<HandlerResult> with_replay(RequestContext& request, Work work) {
    const auto id = parse_id<ReplayId>(request.path("replay"));
    if (!id) co_return no_such_replay();
    co_return co_await with_stream(request, [&](const Stream& stream) { return work(request, stream, *id); });
}

}  // namespace

Awaitable<HandlerResult> start_replay(RequestContext& request) {
    auto opened = co_await open_json_body(request);
    if (!opened) co_return std::move(opened.error());
    const auto body = parse_replay(request.body());
    if (!body) co_return std::unexpected(body.error());
    co_return co_await with_stream(request,
                                   [&](const Stream& stream) { return start(request, stream, *body); });
}

Awaitable<HandlerResult> list_replays(RequestContext& request) {
    co_return co_await with_stream(request, [&](const Stream& stream) { return list(request, stream); });
}

Awaitable<HandlerResult> get_replay(RequestContext& request) {
    co_return co_await with_replay(request, read);
}

Awaitable<HandlerResult> cancel_replay(RequestContext& request) {
    co_return co_await with_replay(request, cancel);
}

}  // namespace headwater::rest
