#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "rest/headers.hpp"

namespace headwater::rest {

/// False for bodies that are sent as they are.
[[nodiscard]] constexpr bool is_worth_compressing(std::size_t bytes) {
    return bytes > 1024;
}

/// One gzip member.
[[nodiscard]] std::string gzip(std::string_view text);

enum class GunzipError { malformed, too_large };
/// Inflates a gzip body (one or more members). Stops as soon as the result would pass `max_bytes`.
[[nodiscard]] std::expected<std::string, GunzipError> gunzip(std::string_view bytes, std::size_t max_bytes);

/// True when the client asks for gzip (Accept-Encoding with a quality above 0).
[[nodiscard]] bool accepts_gzip(const Headers& headers);

}  // namespace headwater::rest
