#pragma once

#include <expected>
#include <string>
#include <utility>
#include <vector>

#include "core/errors.hpp"
#include "rest/headers.hpp"

namespace headwater::rest {

/// True for a request that carries a CloudEvent in binary mode: its attributes are headers (`ce-…`), its body
/// is the data. In structured mode the media type says so, and such headers do not count.
[[nodiscard]] bool is_binary_cloud_event(const Headers& headers);

/// The context attributes of such a request, decoded (CloudEvents HTTP binding 1.0.2, section 3.1.3), by
/// name; Content-Type is `datacontenttype`. Refused: values that are not UTF-8.
[[nodiscard]] std::expected<std::vector<std::pair<std::string, std::string>>, Refusal>
read_cloud_event_headers(const Headers& headers);

}  // namespace headwater::rest
