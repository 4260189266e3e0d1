#include "rest/room_identity.hpp"

#include <algorithm>
#include <memory>
#include <set>
#include <utility>
#include <vector>

namespace headwater::rest {
namespace {

using Spaces = std::set<std::string, std::less<>>;

/// The namespaces whose rules take the token. All of them must mean the same user: those of one service do,
/// and two services that sign with one key are one.
std::optional<RoomReader> verify_token(const RequestContext& request, std::string_view token,
                                       const RoomNamespace* space) {
    const Timestamp now = request.services().clock.now();
    const RoomNamespacesPtr all = request.services().rooms->directory.view();
    auto spaces = std::make_shared<Spaces>();
    std::optional<TokenRule::Bearer> bearer;
    const auto look_at = [&](const RoomNamespace& one) {
        const auto verified = one.tokens ? one.tokens->verify(token, now) : std::nullopt;
        if (!verified || (bearer && bearer->user != verified->user)) return;
        bearer = verified;
        spaces->insert(one.name);
    };
    if (space != nullptr) {
        look_at(*space);
    } else {
        for (const auto& [name, one] : all->all()) look_at(one);
    }
    if (!bearer) return std::nullopt;
    return RoomReader{.user = bearer->user,
                      .may_read = [spaces](std::string_view name) { return spaces->contains(name); },
                      .has_token = true,
                      .until = bearer->expires_at};
}

/// A name that anybody may give themselves opens no namespace that asks for tokens.
RoomReader open_reader(const RequestContext& request, std::string_view token) {
    return RoomReader{.user = std::string(token),
                      .may_read = [&directory = request.services().rooms->directory](std::string_view name) {
                          const RoomNamespacesPtr all = directory.view();
                          const RoomNamespace* one = all->find(name);
                          return one != nullptr && !one->tokens;
                      }};
}

}  // namespace

std::optional<RoomReader> identify_reader(const RequestContext& request, const RoomNamespace* space) {
    const Caller& caller = request.caller();
    if (!caller.is_open() && caller.is_good()) {
        return RoomReader{.user = std::string(caller.user()),
                          .may_read = [](std::string_view) { return true; }};
    }
    const std::string_view credential = request.credential();
    // One that is not good is no name either.
    if (is_like_web_token(credential)) return verify_token(request, credential, space);
    if (!caller.is_open() || !is_user_name(credential)) return std::nullopt;
    RoomReader reader = open_reader(request, credential);
    if (space != nullptr && !reader.may_read(space->name)) return std::nullopt;
    return reader;
}

bool has_credential(const RequestContext& request) {
    return !request.credential().empty();
}

}  // namespace headwater::rest
