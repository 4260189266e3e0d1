#pragma once

#include <optional>
#include <string>

#include "core/feed.hpp"
#include "core/time_slice.hpp"
#include "rest/feed_address.hpp"
#include "rest/links.hpp"
#include "rest/request_context.hpp"
#include "rest/response.hpp"

namespace headwater::rest {

/// What is known about the moment at which a feed page is written.
struct FeedMoment {
    Timestamp now;
    Timestamp log_clock;     ///< nothing can be stored before it any more
    bool is_closed = false;  ///< the page's bounds lie before the log's clock, and no client is named
};

/// The links of a slice. On a closed page `next-archive` names closed slices only, so that the page stays as
/// it is until the current slice closes.
[[nodiscard]] Links slice_links(const FeedAddresses& addresses, const TimeSlice& slice,
                                const FeedNeighbours& neighbours, const FeedPage& page,
                                const FeedMoment& moment);

/// How long a closed page will stay byte for byte the same: until something in it expires, or until a
/// `next-archive` can appear.
[[nodiscard]] std::chrono::seconds freshness_of_closed(const FeedPage& page, const FeedMoment& moment,
                                                       std::optional<Timestamp> next_archive_due);
/// When a closed slice could get its `next-archive`; nothing when it has it.
[[nodiscard]] std::optional<Timestamp> next_archive_due(const TimeSlice& slice,
                                                        const FeedNeighbours& neighbours,
                                                        const FeedMoment& moment);

/// The page as JSON with its Link header, ETag and Cache-Control; `freshness` is that of a closed page.
[[nodiscard]] Response feed_response(const FeedAddresses& addresses, const FeedQuery& query,
                                     const FeedPage& page, const Links& links,
                                     std::chrono::seconds freshness);

}  // namespace headwater::rest
