#pragma once

#include <optional>
#include <pqxx/result>
#include <string>
#include <string_view>
#include <vector>

#include "core/feed.hpp"
#include "core/ids.hpp"
#include "core/time.hpp"
#include "postgres/log_times.hpp"
#include "postgres/type_catalog.hpp"

namespace headwater::postgres {

class Connection;

/// Ids that follow one another, and when they were handed out.
struct IdRange {
    std::int64_t first;
    std::int64_t last;  ///< inclusive
    TimeRange times;
};

/// Which rows of the log to read, and in which order. Times bound every read, so that PostgreSQL looks at few
/// partitions.
struct EventScope {
    Timestamp from = Timestamp::min();     ///< created_at, inclusive
    Timestamp through = Timestamp::max();  ///< created_at, inclusive
    std::optional<Position> after;         ///< exclusive
    std::optional<Position> last;          ///< inclusive
    std::optional<std::string> subject;
    std::vector<std::string> subjects;  ///< when there are any: one of them
    TypeSelection types;
    /// Bit n: events of class n are read (TypeCatalog::View); 0: of every class. The fewer, the faster
    /// PostgreSQL plans. Who sets it must look at EventRows::mark.
    std::uint32_t classes = 0;
    bool with_ephemeral = false;
    std::optional<Timestamp> expired_since;  ///< also events that have expired since then
    bool is_descending = false;
    std::size_t limit = 100;
    std::size_t max_bytes = 8 << 20;                  ///< of payloads; at least one row comes
    std::optional<std::int64_t> client;               ///< adds the column is_processed
    std::optional<std::int64_t> above_watermarks_of;  ///< leaves out what this client's watermarks cover
    std::vector<IdRange> ids;                         ///< when there are any: only these; they do not overlap
    /// When there are any: only events whose bit is not set. As text of a bytea; the first bit is of
    /// `bits_from`.
    std::string bits;
    std::int64_t bits_from = 0;
};

/// The rows found: kEventColumns, then is_processed (false without a client).
struct EventRows {
    pqxx::result rows;
    bool has_more = false;
    CatalogMark mark{};  ///< the registry at the time of the read; unset when there are no rows
    std::optional<Timestamp> read_at{};  ///< by PostgreSQL's clock; unset when there are no rows
};

/// Reads one page. Expired events are left out, if not asked for.
[[nodiscard]] EventRows read_events(Connection& connection, const EventScope& scope);

/// How many events there are, at most `scope.limit`.
[[nodiscard]] std::int64_t count_events(Connection& connection, const EventScope& scope);

/// The first event in the scope's order; nothing when there is none.
[[nodiscard]] std::optional<FeedLandmark> first_landmark(Connection& connection, const EventScope& scope);

}  // namespace headwater::postgres
