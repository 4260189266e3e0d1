#include <map>
#include <utility>

#include "core/registry.hpp"
#include "core/room_store.hpp"
#include "rest/handlers/handlers.hpp"
#include "rest/handlers/registry_change.hpp"
#include "rest/handlers/room_answer.hpp"
#include "rest/json_object.hpp"
#include "rest/links.hpp"
#include "rest/namespace_body.hpp"
#include "rest/offload.hpp"
#include "rest/preconditions.hpp"
#include "rest/refusals.hpp"
#include "rest/request_body.hpp"

namespace headwater::rest {
namespace {

constexpr std::string_view kDefaultHistory = "5minutes";

std::string address_of(const RequestContext& request, std::string_view name) {
    return request.base_url + "/api/namespaces/" + encode_segment(name);
}

/// The secret is never shown again; a public key is no secret.
void append_tokens(std::string& out, const TokenRule& rule) {
    const TokenRule::Definition& definition = rule.definition();
    JsonObject object(out);
    object.text("alg", to_string(definition.algorithm));
    if (definition.algorithm == TokenRule::Algorithm::RS256) object.text("public_key", definition.key);
    if (!definition.issuer.empty()) object.text("issuer", definition.issuer);
    if (!definition.audience.empty()) object.text("audience", definition.audience);
    object.end();
}

void append_namespace(std::string& out, const RequestContext& request, const RoomNamespace& space) {
    JsonObject object(out);
    object.text("namespace", space.name).text("acl_url", space.acl_url).text("history", space.history);
    if (space.tokens) append_tokens(object.begin("jwt"), *space.tokens);
    object.text("created_at", format_time(space.created_at))
        .text("updated_at", format_time(space.updated_at));
    Links links;
    links.add("self", address_of(request, space.name));
    links.add("type", type_address(request, room_type(space.name)));
    links.append_json(object.begin("links"));
    object.end();
}

HandlerResult show(const RequestContext& request, const RoomNamespace& space, int status = 200) {
    Response response;
    response.status = status;
    append_namespace(response.body, request, space);
    response.set("ETag", version_tag(space.version));
    response.set("Cache-Control", "no-cache");
    if (status == 201) response.set("Location", address_of(request, space.name));
    return response;
}

/// The type first: whoever finds the namespace finds its type as well.
HandlerResult put(RequestContext& request) {
    const Services& services = request.services();
    RoomStore& store = services.rooms->store;
    const std::string& name = request.path("namespace");
    const auto before = store.find_namespace(name);
    const TokenRule* rule = before ? before->tokens.get() : nullptr;
    auto body = parse_namespace(request.body(), rule);
    if (!body) return std::unexpected(std::move(body.error()));
    Registration registration;
    registration.type = room_type(name);
    registration.retention = body->history;
    if (!registration.retention && (!before || before->history.empty()))
        registration.retention = parse_retention(kDefaultHistory).value();
    if (auto stored = services.registry_store.put(registration); !stored)
        return std::unexpected(std::move(stored.error()));
    const bool is_new = store.put_namespace(name, body->acl_url, body->tokens);
    registry_has_changed(services);
    const auto after = store.find_namespace(name);
    if (!after) return unknown_namespace();
    return show(request, *after, is_new ? 201 : 200);
}

HandlerResult remove(RequestContext& request) {
    const Services& services = request.services();
    const std::string& name = request.path("namespace");
    if (!services.rooms->store.remove_namespace(name)) return unknown_namespace();
    // Gone already is as good.
    (void)services.registry_store.remove_type(room_type(name), std::nullopt);
    registry_has_changed(services);
    return json_response(200, R"({"acknowledge":true})");
}

HandlerResult list(RequestContext& request) {
    Response response;
    JsonObject object(response.body);
    std::string& all = object.begin("namespaces");
    all += '[';
    std::map<std::string, RoomNamespace> sorted;
    for (RoomNamespace& one : request.services().rooms->store.namespaces()) {
        std::string name = one.name;
        sorted.emplace(std::move(name), std::move(one));
    }
    for (const auto& [name, one] : sorted) {
        if (!request.caller().may(Scope::rooms, room_type(name))) continue;
        if (all.back() != '[') all += ',';
        append_namespace(all, request, one);
    }
    all += ']';
    Links links;
    links.add("self", request.base_url + "/api/namespaces");
    links.append_json(object.begin("links"));
    object.end();
    response.set("Cache-Control", "no-cache");
    return response;
}

}  // namespace

Awaitable<HandlerResult> put_namespace(RequestContext& request) {
    if (!may_serve(request)) co_return forbidden(request);
    if (!is_namespace_name(request.path("namespace"))) {
        co_return refuse(Refusal::Kind::invalid,
                         "A namespace's name is 1 to 100 characters of [A-Za-z0-9_.-].");
    }
    auto body = co_await open_json_body(request);
    if (!body) co_return std::move(body.error());
    auto work = [&request] { return put(request); };
    co_return co_await offload(request, work);
}

Awaitable<HandlerResult> get_namespace(RequestContext& request) {
    if (!may_serve(request)) co_return forbidden(request);
    auto work = [&request]() -> HandlerResult {
        const auto space = request.services().rooms->store.find_namespace(request.path("namespace"));
        if (!space) return unknown_namespace();
        return show(request, *space);
    };
    co_return co_await offload(request, work);
}

Awaitable<HandlerResult> delete_namespace(RequestContext& request) {
    if (!may_serve(request)) co_return forbidden(request);
    auto work = [&request] { return remove(request); };
    co_return co_await offload(request, work);
}

Awaitable<HandlerResult> list_namespaces(RequestContext& request) {
    auto work = [&request] { return list(request); };
    co_return co_await offload(request, work);
}

}  // namespace headwater::rest
