#pragma once

#include <expected>
#include <span>
#include <string_view>

#include "rest/asio.hpp"
#include "rest/request_context.hpp"
#include "rest/response.hpp"

namespace headwater::rest {

/// Bodies above this are parsed and inflated on the reader pool: an io thread must not stand still for long.
inline constexpr std::size_t kMaxInlineBody = 128 * 1024;

/// Checks Content-Type (absent counts as the first of `types`) and charset, and inflates a gzip body in
/// place, up to `max_bytes`. Returns the element of `types` that it is, or the answer to give: 400, 413 or
/// 415.
[[nodiscard]] Awaitable<std::expected<std::string_view, Response>> open_body(
    RequestContext& request, std::span<const std::string_view> types, std::size_t max_bytes);

/// The same for a body of any media type.
[[nodiscard]] Awaitable<std::expected<void, Response>> open_any_body(RequestContext& request,
                                                                     std::size_t max_bytes);

/// The same for a small body that must be JSON; also checks its syntax.
[[nodiscard]] Awaitable<std::expected<std::string_view, Response>> open_json_body(RequestContext& request);

}  // namespace headwater::rest
