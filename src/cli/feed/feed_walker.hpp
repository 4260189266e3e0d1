#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "cli/http/server.hpp"

namespace headwater::cli {

/// What to read of the feed.
struct FeedQuery {
    std::vector<std::string> types;
    std::string subject;
    std::string slice = "hour";
    std::string at = "current";
    std::string from;  ///< a time; "" = by slices, unless `to` is given
    std::string to;
    std::string client;
    std::size_t limit = 100;  ///< 0 = all
    bool is_oldest_first = false;
    bool is_following = false;

    [[nodiscard]] bool is_range() const { return !from.empty() || !to.empty(); }
    [[nodiscard]] bool goes_up() const { return is_oldest_first || is_following; }
};

/// Reads the feed page by page, from link to link: `more` within a slice or range, `prev-archive` or
/// `next-archive` to the next slice that has events, `next` and waiting when it follows the log.
class FeedWalker {
  public:
    /// A page's events, in its order; false to stop.
    using OnPage = std::function<bool(const std::vector<Json>& events)>;

    FeedWalker(Server& server, const FeedQuery& query) : server_(server), query_(query) {}

    /// Throws std::runtime_error with a sentence when the server refuses. Ends after `limit` events, at the
    /// end of the feed, when on_page says so, or when the user interrupts.
    void walk(const OnPage& on_page);

  private:
    [[nodiscard]] std::string first_address() const;
    [[nodiscard]] std::string slice_address(const std::string& at) const;
    void add_filters(std::string& address) const;
    void note(const std::vector<Json>& events);
    /// Where it goes on; "" = nowhere.
    [[nodiscard]] std::string next_address(const Json& page);
    [[nodiscard]] std::string waiting_address(const Json& links) const;
    [[nodiscard]] Json fetch(const std::string& address);

    Server& server_;
    const FeedQuery& query_;
    std::string newest_;  ///< the highest id so far
    std::string newest_time_;
};

}  // namespace headwater::cli
