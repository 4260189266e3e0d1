#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "core/errors.hpp"
#include "core/retention.hpp"
#include "core/room_namespace.hpp"

namespace headwater::rest {

/// The body of PUT /api/namespaces/{namespace}, read and checked.
struct NamespaceBody {
    std::string acl_url;                ///< without a slash at the end
    std::optional<Retention> history;   ///< unset: keep; 5 minutes for a new namespace
    std::optional<std::string> tokens;  ///< unset: keep; "" removes the rule; else as it is stored
};

/// `{"acl_url","history"?,"jwt"?}`. Every mistake at once, each with its pointer. A rule without its secret
/// keeps the stored one's.
[[nodiscard]] std::expected<NamespaceBody, Refusal> parse_namespace(std::string_view json,
                                                                    const TokenRule* stored);

}  // namespace headwater::rest
