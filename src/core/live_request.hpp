#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/access.hpp"
#include "core/ids.hpp"
#include "core/inbox.hpp"
#include "core/time.hpp"
#include "core/type_filter.hpp"

namespace headwater {

/// Who reads their rooms.
struct RoomReader {
    std::string user;
    std::function<bool(std::string_view space)> may_read;  ///< of the namespaces; any thread, never blocks
    bool has_token = false;                                ///< known by a token of a namespace, not by a key
    std::optional<Timestamp> until{};                      ///< when that token ends
};

/// What of an inbox was seen already.
struct InboxReader {
    EventId seen_event{};           ///< the event of which some messages were seen; 0: there is none
    std::size_t seen_messages = 0;  ///< so many
    InboxLife life{};               ///< as it was where the reading begins
};

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
    std::optional<RoomReader> rooms{};   ///< instead of types and subject
    std::optional<InboxReader> inbox{};  ///< the same; types and subject say where its messages stand
};

}  // namespace headwater
