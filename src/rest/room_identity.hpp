#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/live_request.hpp"
#include "core/room_namespace.hpp"
#include "rest/request_context.hpp"

namespace headwater::rest {

/// Who asks for rooms: the name of the key; where a namespace knows its users by JSON Web Tokens, the `sub`
/// of one, in that namespace alone; while the server runs open, the token itself, in namespaces that ask for
/// no other. Nothing when no credential came, or none that is good.
///
/// `space` limits the question to one namespace. Without it each namespace's rule may have to be tried: call
/// it where a millisecond does not matter.
[[nodiscard]] std::optional<RoomReader> identify_reader(const RequestContext& request,
                                                        const RoomNamespace* space = nullptr);

/// Some credential came with the request.
[[nodiscard]] bool has_credential(const RequestContext& request);

}  // namespace headwater::rest
