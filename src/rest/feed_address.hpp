#pragma once

#include <expected>
#include <optional>
#include <string>

#include "core/errors.hpp"
#include "core/feed.hpp"
#include "core/time_slice.hpp"
#include "rest/request_context.hpp"
#include "rest/uri.hpp"

namespace headwater::rest {

/// Reads types, subject, after, before, order, limit, processed (and nothing of the path). Bad values are
/// malformed.
[[nodiscard]] std::expected<FeedQuery, Refusal> read_feed_query(const Query& query);

/// Writes the canonical addresses of one feed: the same filters, client and page size in every link.
class FeedAddresses {
  public:
    /// `query` as it was read, with its client. Both outlive the object.
    FeedAddresses(const RequestContext& request, const FeedQuery& query);

    [[nodiscard]] std::string slice(const TimeSlice& slice) const;
    [[nodiscard]] std::string current(TimeSlice::Unit unit) const;
    [[nodiscard]] std::string range(Timestamp from, Timestamp to) const;
    /// The same page again: with the query's own after and before.
    [[nodiscard]] std::string with_bounds(std::string address) const;
    /// The page behind the one that ends with `last`.
    [[nodiscard]] std::string more(std::string address, EventId last) const;
    /// What an event's id is appended to.
    [[nodiscard]] std::string events() const { return request_.base_url + "/api/events/"; }
    /// Of one event, for the client.
    [[nodiscard]] std::string mark_processed(EventId id) const;

  private:
    [[nodiscard]] std::string address(std::string_view path) const;
    [[nodiscard]] std::string bounded(std::string address, std::optional<EventId> after,
                                      std::optional<EventId> before) const;

    const RequestContext& request_;
    const FeedQuery& query_;
    std::string client_path_;  ///< "/client/{client}" or ""
    std::string filters_;      ///< the canonical query text, without '?'
};

}  // namespace headwater::rest
