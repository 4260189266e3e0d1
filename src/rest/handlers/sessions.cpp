#include <fmt/format.h>

#include <array>

#include "core/log.hpp"
#include "core/time.hpp"
#include "rest/gate.hpp"
#include "rest/handlers/handlers.hpp"
#include "rest/json_body.hpp"
#include "rest/json_object.hpp"
#include "rest/refusals.hpp"
#include "rest/request_body.hpp"

namespace headwater::rest {
namespace {

constexpr std::array<std::string_view, 1> kMembers{"key"};
constexpr std::chrono::hours kSessionLength{1};

std::expected<std::string, Refusal> read_key(const RequestContext& request) {
    const auto members = JsonMembers::read(request.body(), kMembers);
    if (!members) return std::unexpected(members.error());
    const auto json = members->find("key");
    const auto key = json ? json_string(*json) : std::nullopt;
    if (!key || key->empty()) return refuse_field("/key", "A key (a string) is needed here.");
    return *key;
}

/// What the holder may do, so that a page need not offer what would be refused.
void append_scopes(std::string& out, const Grants& grants) {
    out += '[';
    for (const Scope scope : kScopes) {
        if (!grants.allow(scope)) continue;
        if (out.back() != '[') out += ',';
        JsonObject object(out);
        object.text("scope", to_string(scope));
        if (const TypeFilter* types = grants.types(scope)) object.texts("types", types->filters());
        object.end();
    }
    out += ']';
}

/// While the server runs open a key opens no more than nothing does: it is its own token.
std::string token_for(RequestContext& request, const std::string& key, std::chrono::sys_seconds until) {
    const KeyViewPtr keys = request.gate().keys();
    if (!keys || keys->is_open()) return key;
    const AccessPtr access = keys->find_key(key, request.services().clock.now());
    request.set_caller(access ? Caller::holder_of(access) : Caller::nobody_with_credential());
    return access ? keys->make_session(*access, until) : std::string();
}

}  // namespace

Awaitable<HandlerResult> create_session(RequestContext& request) {
    auto body = co_await open_json_body(request);
    if (!body) co_return std::move(body.error());
    const auto key = read_key(request);
    if (!key) co_return std::unexpected(key.error());
    const auto until =
        std::chrono::floor<std::chrono::seconds>(request.services().clock.now()) + kSessionLength;
    const std::string token = token_for(request, *key, until);
    if (token.empty()) co_return unauthenticated_response(request);
    Response response;
    response.status = 201;
    JsonObject object(response.body);
    object.text("token", token).text("expires_at", format_time(until));
    if (const AccessPtr& access = request.caller().access()) {
        object.text("key", access->name);
        append_scopes(object.begin("scopes"), access->grants);
    }
    object.end();
    response.set("Cache-Control", "no-store");
    co_return response;
}

}  // namespace headwater::rest
