#pragma once

#include <expected>
#include <string_view>

#include "core/errors.hpp"
#include "rest/request_context.hpp"
#include "rest/response.hpp"
#include "rest/routes.hpp"

namespace headwater::rest {

/// The sentences that clients of rooms know by heart.
[[nodiscard]] std::unexpected<Refusal> unknown_namespace();
[[nodiscard]] std::unexpected<Refusal> unknown_room();
/// 401.
[[nodiscard]] Response unauthorized(const RequestContext& request, std::string_view sentence);
/// A key may be limited to some namespaces, by the types of their messages.
[[nodiscard]] bool may_serve(const RequestContext& request);
/// 403.
[[nodiscard]] Response forbidden(const RequestContext& request);
/// 500.
[[nodiscard]] Response try_again_later(const RequestContext& request);

/// Whether there is such a namespace, one made a moment ago on another node included. Throws Unavailable when
/// that cannot be learnt.
[[nodiscard]] Awaitable<bool> knows_namespace(RequestContext& request, std::string_view name);

}  // namespace headwater::rest
