#include "core/access.hpp"

#include <algorithm>
#include <utility>

namespace headwater {

std::string_view to_string(Scope scope) {
    switch (scope) {
        case Scope::send:
            return "send";
        case Scope::read:
            return "read";
        case Scope::ack:
            return "ack";
        case Scope::register_:
            return "register";
        case Scope::rooms:
            return "rooms";
        case Scope::monitors:
            return "monitors";
        case Scope::admin:
            return "admin";
    }
    return "";
}

std::optional<Scope> parse_scope(std::string_view text) {
    const auto found = std::ranges::find(kScopes, text, [](Scope scope) { return to_string(scope); });
    return found == kScopes.end() ? std::nullopt : std::optional(*found);
}

void Grants::add(Scope scope, const std::optional<TypeFilter>& types) {
    if (scope != Scope::admin) return widen(scope, types);
    for (const Scope each : kScopes) widen(each, types);
}

void Grants::widen(Scope scope, const std::optional<TypeFilter>& types) {
    Grant& grant = grants_[static_cast<std::size_t>(scope)];
    grant.has_all_types |= !types;
    if (types) grant.types = grant.is_given ? TypeFilter::either(grant.types, *types) : *types;
    grant.is_given = true;
}

bool Grants::allow(Scope scope, std::string_view type) const {
    const Grant& grant = of(scope);
    return grant.is_given && (grant.has_all_types || grant.types.matches(type));
}

const TypeFilter* Grants::types(Scope scope) const {
    const Grant& grant = of(scope);
    return grant.is_given && !grant.has_all_types ? &grant.types : nullptr;
}

Caller Caller::nobody_with_credential() {
    Caller caller;
    caller.has_credential_ = true;
    return caller;
}

Caller Caller::in_the_open(std::string_view token) {
    Caller caller;
    caller.is_open_ = true;
    caller.has_credential_ = !token.empty();
    caller.token_ = token;
    return caller;
}

Caller Caller::holder_of(AccessPtr access) {
    Caller caller;
    caller.has_credential_ = true;
    caller.access_ = std::move(access);
    return caller;
}

std::optional<TypeFilter> Caller::limit(Scope scope) const {
    if (!may(scope)) return TypeFilter::none();
    const TypeFilter* limit = types(scope);
    return limit == nullptr ? std::nullopt : std::optional(*limit);
}

TypeFilter Caller::narrow(Scope scope, const TypeFilter& asked) const {
    const auto most = limit(scope);
    return most ? TypeFilter::both(asked, *most) : asked;
}

}  // namespace headwater
