#pragma once

#include <chrono>
#include <expected>
#include <optional>

#include "core/errors.hpp"
#include "core/feed.hpp"
#include "rest/asio.hpp"
#include "rest/feed_answer.hpp"
#include "rest/request_context.hpp"

namespace headwater::rest {

/// One page that a request asks for.
struct FeedRequest {
    FeedForm form = FeedForm::json;
    FeedQuery query;
    std::optional<TimeSlice> slice{};  ///< a feed of a slice; unset: one of any range
};

/// Now, or the log's clock where it stands before the node's: its events are the newest all the same.
[[nodiscard]] Timestamp now_of(const RequestContext& request);

/// The page, from memory when it is closed and was read before, else read on the reader pool.
[[nodiscard]] Awaitable<FeedDocument> read_feed(RequestContext& request, const FeedRequest& wanted);

/// The page of a slice, as soon as there is anything on it: after `wait`, at the slice's end and when the
/// node stops it comes empty. Refused when too many wait.
[[nodiscard]] Awaitable<std::expected<FeedDocument, Refusal>> wait_for_feed(RequestContext& request,
                                                                            const FeedRequest& wanted,
                                                                            std::chrono::seconds wait);

}  // namespace headwater::rest
