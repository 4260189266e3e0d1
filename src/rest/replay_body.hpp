#pragma once

#include <expected>
#include <optional>
#include <string_view>
#include <variant>

#include "core/delivery_store.hpp"
#include "core/errors.hpp"
#include "core/stream.hpp"
#include "rest/services.hpp"

namespace headwater::rest {

/// One end of a replay as a client gives it: an event, or a time.
using ReplayBound = std::variant<EventId, Timestamp>;

/// The body of POST …/replays.
struct ReplayBody {
    std::optional<ReplayBound> from;  ///< inclusive; nothing: the beginning of the log
    std::optional<ReplayBound> to;    ///< an event inclusive, a time exclusive; nothing: the end of the log
    bool only_dead = false;
    std::optional<int> rate;  ///< events a second, 1 to 100,000
};

/// `json` is well-formed. Mistakes come with their pointers.
[[nodiscard]] std::expected<ReplayBody, Refusal> parse_replay(std::string_view json);

/// Finds the positions of the bounds in the log. Blocking; throws Unavailable.
[[nodiscard]] ReplayRequest to_request(const Services& services, const Stream& stream,
                                       const ReplayBody& body);

}  // namespace headwater::rest
