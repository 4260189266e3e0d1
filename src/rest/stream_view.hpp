#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/stream.hpp"
#include "rest/request_context.hpp"

namespace headwater::rest {

/// How far a stream is behind.
struct StreamLag {
    std::int64_t events = 0;
    bool is_at_least = false;  ///< counting stopped at 10,000
    double seconds = 0;        ///< age of the oldest event that waits
};

/// Blocking; throws Unavailable.
[[nodiscard]] StreamLag lag_of(const Services& services, const Stream& stream);

/// A stream as clients see it: definition without secrets, state, cursor. `lag` is left out when it was not
/// looked up.
void append_stream(std::string& out, const RequestContext& request, const Stream& stream,
                   const std::optional<StreamLag>& lag, std::string_view shown_once = "");

/// `[{"id","name","lag"},…]` for streams that are gone. Blocking; throws Unavailable.
void append_removed_streams(std::string& out, const RequestContext& request,
                            const std::vector<Stream>& removed);

}  // namespace headwater::rest
