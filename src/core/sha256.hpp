#pragma once

#include <array>
#include <initializer_list>
#include <span>
#include <string_view>

namespace headwater {

using Sha256 = std::array<unsigned char, 32>;

/// SHA-256 of the bytes. Any thread; allocates nothing but once for each thread.
[[nodiscard]] Sha256 sha256(std::string_view bytes);

/// SHA-256 over the parts, each preceded by its length, so that no two lists of parts collide.
[[nodiscard]] Sha256 sha256_of_parts(std::span<const std::string_view> parts);

/// HMAC-SHA-256 (RFC 2104).
[[nodiscard]] Sha256 hmac_sha256(std::string_view key, std::string_view bytes);

/// Takes as long whatever they hold.
[[nodiscard]] bool are_equal_in_constant_time(const Sha256& a, const Sha256& b);

}  // namespace headwater
