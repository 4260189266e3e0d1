#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "core/feed.hpp"
#include "rest/feed_form.hpp"
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
    /// Until an event that shaped the page expires, from when it was read; unset: none ever does.
    std::optional<std::chrono::microseconds> lifetime{};
};

/// A page as it goes out.
struct FeedDocument {
    FeedForm form = FeedForm::json;
    std::string body;
    std::string entity_tag;
    std::string link;  ///< the Link header
    FeedCaching caching;
    bool is_gzipped = false;
    bool is_empty = false;  ///< without entries
};

/// The page with all its links. `now` is for pages without entries; the others know when they were read.
[[nodiscard]] FeedDocument slice_document(std::string_view base_url, FeedForm form, const FeedQuery& query,
                                          const SliceView& view, Timestamp now);
[[nodiscard]] FeedDocument range_document(std::string_view base_url, FeedForm form, const FeedQuery& query,
                                          const FeedPage& page, bool is_closed, Timestamp now);
[[nodiscard]] FeedDocument gzipped(FeedDocument document);

[[nodiscard]] Response to_response(FeedDocument document);

}  // namespace headwater::rest
