#include "rest/reception.hpp"

#include <fmt/format.h>

#include <utility>

#include "rest/problem.hpp"
#include "rest/uri.hpp"

namespace headwater::rest {
namespace {

constexpr std::size_t kMaxForgottenBody = 64 * 1024;
constexpr std::size_t kMaxSmallBody = 1024 * 1024;
constexpr std::string_view kAllMethods = "GET, HEAD, POST, PUT, DELETE, OPTIONS";

Reception answer_with(Response response) {
    Reception reception;
    reception.answer = std::move(response);
    return reception;
}

Reception fail(const RequestContext& context, HttpError error, std::string_view detail) {
    return answer_with(problem_response(error, detail, context.request_id));
}

Reception answer_options(std::string allow) {
    Response response = empty_response(204);
    response.set("Allow", std::move(allow));
    return answer_with(std::move(response));
}

std::size_t max_body_of(BodyRule rule, const EventLimits& limits) {
    switch (rule) {
        case BodyRule::none:
            return kMaxForgottenBody;
        case BodyRule::small:
            return kMaxSmallBody;
        case BodyRule::events:
            return limits.max_body_bytes;
    }
    return 0;
}

bool accepts(const RequestContext& context, std::string_view type) {
    const bool is_read = context.method == Method::get || context.method == Method::head;
    const auto accept = context.headers().find("Accept");
    if (!is_read || type.empty() || !accept || *accept == "*/*") return true;
    return quality_of(context.headers().joined("Accept"), type).value_or(0) > 0;
}

std::string_view wrong_method_text(const Router::Match& match) {
    for (const Route* route : match.by_method) {
        if (route != nullptr && route->texts != nullptr) return route->texts->wrong_method;
    }
    return "This address does not know the method.";
}

Reception choose(const Router::Match& match, RequestContext& context) {
    if (context.method == Method::options) return answer_options(match.allow());
    const Route* route =
        context.method == Method::other ? nullptr : match.by_method[static_cast<std::size_t>(context.method)];
    if (route == nullptr) {
        Reception refused = fail(context, HttpError::method_not_allowed, wrong_method_text(match));
        refused.answer->set("Allow", match.allow());
        return refused;
    }
    if (!accepts(context, route->produces)) {
        return fail(context, HttpError::not_acceptable,
                    fmt::format("This address answers with {}.", route->produces));
    }
    Reception reception;
    reception.route = route;
    reception.max_body = max_body_of(route->body, context.options().limits);
    return reception;
}

}  // namespace

Reception receive(const Router& router, const RawRequest& raw, const Peer& peer, RequestContext& context) {
    context.method = parse_method(raw.method);
    const auto target = parse_target(raw.target);
    if (!target) return fail(context, HttpError::bad_request, "The request's address is malformed.");
    context.base_url = base_url_of(context.options(), context.headers(), peer);
    if (target->path == "*") {
        if (context.method == Method::options) return answer_options(std::string(kAllMethods));
        return fail(context, HttpError::bad_request, "Only OPTIONS may ask for '*'.");
    }
    auto segments = split_path(target->path);
    auto query = Query::parse(target->query);
    if (!segments || !query) return fail(context, HttpError::bad_request, "The address has a broken escape.");
    context.query = std::move(*query);
    std::optional<Router::Match> match = router.find(*segments);
    if (!match) return fail(context, HttpError::not_found, "There is nothing at this address.");
    Reception reception = choose(*match, context);
    context.path_parameters = std::move(match->parameters);
    if (const auto expect = context.headers().find("Expect"); expect && raw.version >= 11) {
        if (!equals_ignoring_case(*expect, "100-continue")) {
            return fail(context, HttpError::expectation_failed, "Only 'Expect: 100-continue' is understood.");
        }
        reception.wants_continue = true;
    }
    return reception;
}

std::string base_url_of(const ServerOptions& options, const Headers& headers, const Peer& peer) {
    if (!options.public_url.empty()) return options.public_url;
    std::string_view scheme = options.tls ? "https" : "http";
    std::string_view host = headers.find("Host").value_or("");
    if (peer.is_trusted_proxy) {
        if (const auto proto = headers.find("X-Forwarded-Proto")) {
            const std::string_view first = trim(proto->substr(0, proto->find(',')));
            if (equals_ignoring_case(first, "https")) scheme = "https";
            if (equals_ignoring_case(first, "http")) scheme = "http";
        }
        if (const auto forwarded = headers.find("X-Forwarded-Host")) {
            const std::string_view first = trim(forwarded->substr(0, forwarded->find(',')));
            if (is_valid_authority(first)) host = first;
        }
    }
    if (host.empty()) return fmt::format("{}://{}:{}", scheme, options.host, options.port);
    std::string url;
    url.reserve(scheme.size() + 3 + host.size());
    url.append(scheme).append("://").append(host);
    return url;
}

}  // namespace headwater::rest
