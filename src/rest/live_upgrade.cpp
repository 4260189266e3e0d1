#include "rest/live_upgrade.hpp"

#include <algorithm>
#include <utility>

#include "rest/feed_query.hpp"
#include "rest/finishing.hpp"
#include "rest/gate.hpp"
#include "rest/problem.hpp"
#include "rest/refusals.hpp"

namespace headwater::rest {
namespace {

constexpr std::string_view kEventStream = "text/event-stream";

using Kind = Refusal::Kind;

/// The base64 of 16 bytes.
bool is_websocket_key(std::string_view key) {
    constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    return key.size() == 24 && key.ends_with("==") && key.find_first_not_of(kAlphabet) == 22;
}

std::string_view authority_of(std::string_view origin) {
    const std::size_t scheme = origin.find("://");
    return scheme == std::string_view::npos ? std::string_view{} : origin.substr(scheme + 3);
}

/// Browsers always send an Origin with a WebSocket and never ask before: this is their same-origin rule.
bool has_foreign_origin(const RequestContext& request) {
    const auto origin = request.headers().find("Origin");
    if (!origin || is_allowed_origin(request.options(), *origin)) return false;
    const std::string_view authority = authority_of(*origin);
    const std::string_view host = request.headers().find("Host").value_or("");
    return authority.empty() || !(equals_ignoring_case(authority, host) ||
                                  equals_ignoring_case(authority, authority_of(request.base_url)));
}

/// A browser that comes back sends the address it began with and the last id that it saw: the id counts.
std::expected<std::optional<Position>, Refusal> parse_since(const RequestContext& request) {
    const std::string_view last_id = request.headers().find("Last-Event-ID").value_or("");
    if (!last_id.empty()) {
        const auto id = parse_id<Position>(last_id);
        if (!id) return refuse(Kind::malformed, "The Last-Event-ID must be the id of an event.");
        return *id;
    }
    const auto since = request.query.find("since");
    if (!since) return std::nullopt;
    if (*since == "beginning") return Position{0};
    const auto id = parse_id<Position>(*since);
    if (!id) return refuse(Kind::malformed, "'since' must be the id of an event or 'beginning'.");
    return *id;
}

std::expected<bool, Refusal> parse_named(const RequestContext& request) {
    const std::string_view named = request.query.find("named").value_or("false");
    if (named != "true" && named != "false") return refuse(Kind::malformed, "'named' is 'true' or 'false'.");
    return named == "true";
}

std::expected<LiveRequest, Refusal> parse_live_request(const RequestContext& request) {
    auto types = parse_types(request);
    if (!types) return std::unexpected(std::move(types.error()));
    auto since = parse_since(request);
    if (!since) return std::unexpected(std::move(since.error()));
    auto is_named = parse_named(request);
    if (!is_named) return std::unexpected(std::move(is_named.error()));
    return LiveRequest{.types = std::move(*types),
                       .subject = parse_subject(request),
                       .since = *since,
                       .is_named = *is_named,
                       .limit = request.caller().limit(Scope::read),
                       .access = request.caller().access()};
}

/// The gate lives as long as the server, which outlives its connections.
std::function<Caller(std::string_view)> later_identification(const RequestContext& request) {
    return [&gate = request.gate(), address = request.client_address](std::string_view credential) {
        return gate.identify(credential, address);
    };
}

std::optional<Response> refuse_handshake(const RequestContext& request) {
    const Headers& headers = request.headers();
    if (headers.joined("Sec-WebSocket-Version") != "13") {
        Response response = problem_response(
            HttpError::upgrade_required, "Only version 13 of WebSocket is spoken here.", request.request_id);
        response.set("Sec-WebSocket-Version", "13");
        response.set("Upgrade", "websocket");
        return response;
    }
    const bool is_valid =
        request.method == Method::get && has_token(headers.joined("Connection"), "upgrade") &&
        headers.count("Sec-WebSocket-Key") == 1 && is_websocket_key(*headers.find("Sec-WebSocket-Key"));
    if (is_valid) return std::nullopt;
    return problem_response(HttpError::bad_request, "This is not a whole WebSocket handshake.",
                            request.request_id);
}

Response refuse_origin(const RequestContext& request) {
    return problem_response(HttpError::origin_refused, "This origin may not read live events.",
                            request.request_id);
}

Response head_of_event_stream() {
    Response response = empty_response(200);
    response.content_type = kEventStream;
    response.set("Cache-Control", "no-store");
    return response;
}

}  // namespace

bool wants_websocket(const RequestContext& request) {
    return has_token(request.headers().joined("Upgrade"), "websocket");
}

bool wants_event_stream(const RequestContext& request) {
    const std::string accept = request.headers().joined("Accept");
    if (quality_of(accept, kEventStream).value_or(0) == 0) return false;
    std::string_view list = accept;
    while (!list.empty()) {
        const std::size_t comma = std::min(list.find(','), list.size());
        const std::string_view range = list.substr(0, comma);
        if (equals_ignoring_case(trim(range.substr(0, range.find(';'))), kEventStream)) return true;
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
    return false;
}

bool asks_for_live(const Route& route, const RequestContext& request) {
    return route.produces == kEventStream || wants_websocket(request) || wants_event_stream(request);
}

HandlerResult go_live_with(const RequestContext& request, LiveRequest live) {
    if (!live.since) {
        auto since = parse_since(request);
        if (!since) return std::unexpected(std::move(since.error()));
        live.since = *since;
    }
    auto is_named = parse_named(request);
    if (!is_named) return std::unexpected(std::move(is_named.error()));
    live.is_named = *is_named;
    live.access = request.caller().access();
    if (has_foreign_origin(request)) return refuse_origin(request);
    if (request.is_head()) return head_of_event_stream();
    Response response;
    response.takeover = LiveTakeover{LiveTakeover::Protocol::event_stream, std::move(live)};
    return response;
}

HandlerResult go_live(const RequestContext& request, LiveTakeover::Protocol protocol) {
    auto live = parse_live_request(request);
    if (!live) return std::unexpected(std::move(live.error()));
    if (has_foreign_origin(request)) return refuse_origin(request);
    if (protocol == LiveTakeover::Protocol::websocket) {
        if (auto refused = refuse_handshake(request)) return std::move(*refused);
    } else if (request.is_head()) {
        return head_of_event_stream();
    }
    if (!request.caller().is_good()) live->identify = later_identification(request);
    Response response;
    response.takeover = LiveTakeover{protocol, std::move(*live)};
    return response;
}

}  // namespace headwater::rest
