#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/feed.hpp"

namespace headwater::rest {

/// The addresses of one feed: its client and its filters stand in all of them, in one order and without
/// defaults, so that equal pages have equal addresses. A value.
class FeedAddress {
  public:
    /// Which part of a slice, by ids; both exclusive.
    struct Bounds {
        std::optional<EventId> after;
        std::optional<EventId> before;
    };

    FeedAddress(std::string_view base_url, const FeedQuery& query);

    [[nodiscard]] std::string slice(const TimeSlice& slice, const Bounds& bounds = {}) const;
    [[nodiscard]] std::string current(TimeSlice::Unit unit) const;
    [[nodiscard]] std::string range(Timestamp from, Timestamp to, const Bounds& bounds = {}) const;
    /// Redirects to the nearest newer slice that is not empty, whichever that is when it is asked.
    [[nodiscard]] std::string seek_newer(const TimeSlice& slice) const;

    /// The bounds of the page behind this one, in the order asked for.
    [[nodiscard]] static Bounds next_page(const FeedQuery& query, EventId last);

  private:
    [[nodiscard]] std::string at(std::string_view place, const Bounds& bounds,
                                 std::string_view more = {}) const;

    std::string prefix_;
    std::string suffix_;   ///< "/client/…" or ""
    std::string filters_;  ///< "types=…&limit=…" or ""
};

}  // namespace headwater::rest
