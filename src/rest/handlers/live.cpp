#include "rest/handlers/live_upgrade.hpp"

#include <utility>

#include "rest/finishing.hpp"
#include "rest/handlers/handlers.hpp"
#include "rest/paging.hpp"
#include "rest/problem.hpp"
#include "rest/refusals.hpp"

namespace headwater::rest {
namespace {

constexpr std::string_view kEventStream = "text/event-stream";
constexpr std::size_t kMaxSubject = 500;

std::expected<std::optional<Position>, Refusal> read_since(const RequestContext& request) {
    // A reconnecting EventSource repeats its first address: the header is the newer word.
    if (const auto last = request.headers().find("Last-Event-ID"); last && !last->empty()) {
        if (const auto id = parse_id<Position>(trim(*last))) return id;
        return refuse(Refusal::Kind::malformed, "Last-Event-ID must be an event's id.");
    }
    if (request.query.find("since") == "beginning") return Position{0};
    return read_event_id(request.query, "since");
}

std::expected<bool, Refusal> read_named(const RequestContext& request) {
    const auto named = request.query.find("named");
    if (!named || *named == "false") return false;
    if (*named == "true" || named->empty()) return true;
    return refuse(Refusal::Kind::malformed, "'named' must be true or false.");
}

std::expected<LiveRequest, Refusal> read_live_request(const RequestContext& request) {
    LiveRequest live;
    auto types = TypeFilter::parse(request.query.find("types").value_or(""));
    if (!types) return refuse(Refusal::Kind::malformed, types.error());
    live.types = std::move(*types);
    if (const auto subject = request.query.find("subject")) {
        if (subject->size() > kMaxSubject)
            return refuse(Refusal::Kind::malformed, "The subject is too long.");
        live.subject = *subject;
    }
    const auto since = read_since(request);
    if (!since) return std::unexpected(since.error());
    live.since = *since;
    const auto named = read_named(request);
    if (!named) return std::unexpected(named.error());
    live.is_named = *named;
    return live;
}

/// Browsers send Origin: their own pages may connect, others only when they were named.
bool is_welcome_origin(const RequestContext& request) {
    const auto origin = request.headers().find("Origin");
    if (!origin || is_allowed_origin(request.options(), *origin)) return true;
    const std::size_t authority = origin->find("://");
    const std::string_view host = request.headers().find("Host").value_or("");
    return authority != std::string_view::npos && equals_ignoring_case(origin->substr(authority + 3), host);
}

Response origin_refused(const RequestContext& request) {
    return problem_response(HttpError::origin_refused, "Pages of this origin may not connect here.",
                            request.request_id);
}

Response take_over(LiveTakeover::Protocol protocol, LiveRequest live) {
    Response response;
    response.status = protocol == LiveTakeover::Protocol::websocket ? 101 : 200;
    response.takeover = LiveTakeover{protocol, std::move(live)};
    return response;
}

}  // namespace

bool wants_websocket(const RequestContext& request) {
    return request.method == Method::get && has_token(request.headers().joined("Connection"), "upgrade") &&
           has_token(request.headers().joined("Upgrade"), "websocket");
}

bool wants_event_stream(const RequestContext& request) {
    const std::string accept = request.headers().joined("Accept");
    return accept.find(kEventStream) != std::string::npos && quality_of(accept, kEventStream).value_or(0) > 0;
}

HandlerResult upgrade_to_websocket(const RequestContext& request) {
    const auto version = request.headers().find("Sec-WebSocket-Version");
    if (version != "13") {
        Response refused = problem_response(
            HttpError::upgrade_required, "Only version 13 of WebSocket is spoken here.", request.request_id);
        refused.set("Sec-WebSocket-Version", "13");
        refused.set("Upgrade", "websocket");
        return refused;
    }
    const auto key = request.headers().find("Sec-WebSocket-Key");
    if (!key || trim(*key).size() != 24) {
        return refuse(Refusal::Kind::malformed, "Sec-WebSocket-Key must be 16 bytes in base64.");
    }
    if (!is_welcome_origin(request)) return origin_refused(request);
    auto live = read_live_request(request);
    if (!live) return std::unexpected(std::move(live.error()));
    return take_over(LiveTakeover::Protocol::websocket, std::move(*live));
}

HandlerResult turn_into_event_stream(const RequestContext& request) {
    if (!is_welcome_origin(request)) return origin_refused(request);
    auto live = read_live_request(request);
    if (!live) return std::unexpected(std::move(live.error()));
    if (!request.is_head()) return take_over(LiveTakeover::Protocol::event_stream, std::move(*live));
    Response head = empty_response(200);
    head.content_type = kEventStream;
    head.set("Cache-Control", "no-cache");
    return head;
}

Awaitable<HandlerResult> get_event_stream(RequestContext& request) {
    co_return turn_into_event_stream(request);
}

}  // namespace headwater::rest
