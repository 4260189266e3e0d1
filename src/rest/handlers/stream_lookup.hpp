#pragma once

#include <expected>
#include <string>
#include <utility>

#include "core/errors.hpp"
#include "core/stream.hpp"
#include "rest/offload.hpp"
#include "rest/request_context.hpp"
#include "rest/routes.hpp"

namespace headwater::rest {

/// The stream that the path names: its {stream} by id or by name (a stream of its own goes first, else the
/// only one of that name), among those of its {type} when it has one. Asks the database whether the registry
/// is up to date: blocking.
[[nodiscard]] std::expected<Stream, Refusal> find_stream(const RequestContext& request);

/// Whether the caller may see and change the stream: a key that is limited to some types must cover all of
/// the stream's. To others it is not there.
[[nodiscard]] bool may_manage(const Caller& caller, const Stream& stream);

/// Runs `work(stream)`, which may block, on the reader pool with the stream that the path names.
template <class Work>
Awaitable<HandlerResult> with_stream(RequestContext& request, Work work) {
    auto all = [&request, &work]() -> HandlerResult {
        const auto stream = find_stream(request);
        if (!stream) return std::unexpected(stream.error());
        return work(*stream);
    };
    co_return co_await offload(request, all);
}

}  // namespace headwater::rest
