#pragma once

#include <optional>
#include <string_view>

#include "core/feed.hpp"
#include "rest/links.hpp"
#include "rest/response.hpp"

namespace headwater::rest {

/// One page of a slice's feed and what is known around it.
struct SliceView {
    TimeSlice slice;
    bool is_closed;  ///< no event can be stored in it any more: asked before the page was read
    bool has_next;   ///< it is neither the current slice nor a later one
    FeedPage page;
    FeedNeighbours neighbours;
};

/// How a page may be cached. An immutable page is the same, byte for byte, on every node until it expires.
struct FeedCaching {
    bool is_immutable = false;
    std::optional<Timestamp> until{};  ///< when an event that shaped the page expires; unset: none ever does
};

/// The page with all its links.
[[nodiscard]] Response answer_slice(std::string_view base_url, const FeedQuery& query, const SliceView& view,
                                    Timestamp now);
[[nodiscard]] Response answer_range(std::string_view base_url, const FeedQuery& query, const FeedPage& page,
                                    bool is_closed, Timestamp now);

}  // namespace headwater::rest
