#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/access.hpp"
#include "core/ids.hpp"
#include "core/type_filter.hpp"

namespace headwater {

/// What a live subscriber asked for when it connected.
struct LiveRequest {
    TypeFilter types;
    std::optional<std::string> subject;
    std::optional<Position> since;  ///< resume after this position; 0 for `since=beginning`; unset: from now
    bool is_named = false;          ///< SSE: `event: {type}` on each message
    std::optional<TypeFilter> limit{};  ///< what its key may read; unset: everything
    AccessPtr access{};  ///< the connection ends when this does; null while the server runs open
    /// Set for a WebSocket that still has to show a key, in its first message: tells whose it is. Any thread.
    std::function<Caller(std::string_view credential)> identify{};
};

}  // namespace headwater
