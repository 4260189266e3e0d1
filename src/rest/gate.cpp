#include "rest/gate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "rest/live_upgrade.hpp"
#include "rest/problem.hpp"

namespace headwater::rest {
namespace {

using Kind = Admission::Kind;

constexpr std::string_view kChallenge = R"(Bearer realm="headwater")";

Response forbidden_response(const RequestContext& request, Scope scope) {
    Response response =
        problem_response(HttpError::forbidden, fmt::format("This key does not allow '{}'.", to_string(scope)),
                         request.request_id);
    response.set("WWW-Authenticate",
                 fmt::format(R"({}, error="insufficient_scope", scope="{}")", kChallenge, to_string(scope)));
    return response;
}

Response too_many_failures(const RequestContext& request, std::chrono::milliseconds wait) {
    return too_many_response(request, "Too many wrong keys came from this address.", wait);
}

/// A browser's WebSocket cannot send a header: it may show its key in its first message.
bool may_show_key_later(const Route& route, const RequestContext& request) {
    return route.admission.kind == Kind::live && !request.caller().has_credential() &&
           wants_websocket(request);
}

}  // namespace

std::optional<Response> Gate::admit(const Route& route, RequestContext& request, const KeyView* keys) {
    const std::string_view credential = request.credential();
    if (keys == nullptr || keys->is_open()) {
        request.set_caller(Caller::in_the_open(credential));
        return std::nullopt;
    }
    if (route.admission.kind == Kind::everybody) return std::nullopt;
    if (credential.empty()) return admit_nobody(route, request);
    if (AccessPtr access = keys->find(credential, clock_.now()))
        return admit_holder(route, request, std::move(access));
    request.set_caller(Caller::nobody_with_credential());
    return admit_nobody(route, request);
}

std::optional<Response> Gate::admit_holder(const Route& route, RequestContext& request, AccessPtr access) {
    access->meter->note_use(std::chrono::floor<std::chrono::seconds>(clock_.now()));
    if (access->rate) {
        if (const auto wait = access->meter->wait_for_place(*access->rate, clock_.steady_now()))
            return too_many_response(request, "This key makes more requests than it may.", *wait);
    }
    request.set_caller(Caller::holder_of(std::move(access)));
    if (route.admission.kind == Kind::own || request.caller().may(route.admission.wanted))
        return std::nullopt;
    return forbidden_response(request, route.admission.wanted);
}

std::optional<Response> Gate::admit_nobody(const Route& route, RequestContext& request) {
    if (route.admission.kind == Kind::own || may_show_key_later(route, request)) return std::nullopt;
    if (request.caller().has_credential()) {
        if (const auto wait = count_failure(request.client_address)) return too_many_failures(request, *wait);
    }
    return unauthenticated_response(request);
}

void Gate::settle(const Route& route, const RequestContext& request, Response& response) {
    const bool is_refusal = response.status == 401 || response.status == 403;
    if (route.admission.kind != Kind::own || !is_refusal || request.caller().key() != KeyId{}) return;
    if (!request.caller().has_credential()) return;
    if (const auto wait = count_failure(request.client_address)) response = too_many_failures(request, *wait);
}

Caller Gate::identify(std::string_view credential, const std::optional<RemoteAddress>& address) {
    const KeyViewPtr view = keys();
    if (view == nullptr || view->is_open()) return Caller::in_the_open(credential);
    AccessPtr access = view->find(credential, clock_.now());
    if (!access) {
        (void)count_failure(address);
        return Caller::nobody_with_credential();
    }
    access->meter->note_use(std::chrono::floor<std::chrono::seconds>(clock_.now()));
    return Caller::holder_of(std::move(access));
}

std::optional<std::chrono::milliseconds> Gate::count_failure(const std::optional<RemoteAddress>& address) {
    return address ? attempts_.add(*address, clock_.steady_now()) : std::nullopt;
}

Response unauthenticated_response(const RequestContext& request) {
    const bool is_wrong = request.caller().has_credential();
    Response response =
        problem_response(HttpError::unauthenticated,
                         is_wrong ? "This key opens nothing: it is unknown, was revoked or has expired."
                                  : "A key is needed here: Authorization: Bearer, X-Auth-Token or x-api-key.",
                         request.request_id);
    std::string challenge(kChallenge);
    if (is_wrong) challenge += R"(, error="invalid_token")";
    response.replace("WWW-Authenticate", std::move(challenge));
    return response;
}

Response too_many_response(const RequestContext& request, std::string_view why,
                           std::chrono::nanoseconds wait) {
    Response response = problem_response(HttpError::too_many_requests, why, request.request_id);
    const auto seconds = std::max(std::chrono::ceil<std::chrono::seconds>(wait), std::chrono::seconds(1));
    response.set("Retry-After", std::to_string(seconds.count()));
    return response;
}

}  // namespace headwater::rest
