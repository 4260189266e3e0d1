#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "rest/headers.hpp"

namespace headwater::rest {

/// The entity tag of something that has a version.
[[nodiscard]] std::string version_tag(std::int64_t version);

/// The version that If-Match names: 0 for `*`, -1 for a tag that cannot be ours (it matches nothing); nothing
/// without the header.
[[nodiscard]] std::optional<std::int64_t> if_match_of(const Headers& headers);

}  // namespace headwater::rest
