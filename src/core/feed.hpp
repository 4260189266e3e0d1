#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/event.hpp"
#include "core/time_slice.hpp"
#include "core/type_filter.hpp"

namespace headwater {

enum class FeedOrder { desc, asc };

/// Which events of the log a feed page shows.
struct FeedQuery {
    Timestamp from;  ///< inclusive
    Timestamp to;    ///< exclusive
    TypeFilter types;
    std::optional<std::string> subject;
    std::optional<EventId> after;   ///< only newer ids
    std::optional<EventId> before;  ///< only older ids
    FeedOrder order = FeedOrder::desc;
    std::size_t limit = 100;               ///< 1 to 1000
    std::string client;                    ///< a feed consumer's name; "" for the plain feed
    bool include_processed = false;        ///< with a client: also what it has processed
    std::optional<TypeFilter> readable{};  ///< the types that the reader's key allows; unset: all

    /// The types that are both asked for and allowed. `types` alone stands in addresses only.
    [[nodiscard]] TypeFilter visible_types() const {
        return readable ? TypeFilter::both(types, *readable) : types;
    }
};

struct FeedEntry {
    EventPtr event;
    bool is_processed = false;  ///< by the query's client
};

struct FeedPage {
    std::vector<FeedEntry> entries;  ///< in the query's order; expired ones left out
    bool has_more = false;           ///< further entries stand behind the last one, inside the same bounds
    /// The earliest moment at which one of the entries, or the one behind the last, expires.
    std::optional<Timestamp> first_expiry;
    std::optional<Timestamp>
        read_at;  ///< by the clock that events expire by; unset when there are no entries
};

/// An event as a mark in time.
struct FeedLandmark {
    Timestamp created_at;
    Timestamp expires_at;
};

/// The nearest events outside of a slice, for prev-archive and next-archive, and the bound for prev.
struct FeedNeighbours {
    std::optional<FeedLandmark> older;   ///< the newest retained event before `from` that matches
    std::optional<FeedLandmark> newer;   ///< the oldest retained event at or after `to` that matches
    std::optional<FeedLandmark> oldest;  ///< the oldest retained event of any public type in the log
};

/// Which neighbours are looked for, and how.
struct FeedOutlook {
    bool with_newer = true;  ///< `newer` is wanted
    bool is_begun =
        false;  ///< nothing more can be stored before the query's `from`: what was found there once stays
};

/// Reads feeds. Thread-safe, blocking (reader threads only); throws Unavailable.
class FeedReader {
  public:
    virtual ~FeedReader() = default;
    [[nodiscard]] virtual FeedPage page(const FeedQuery& query) = 0;
    [[nodiscard]] virtual FeedNeighbours neighbours(const FeedQuery& query, const FeedOutlook& outlook) = 0;
};

/// A change to what a client has processed.
struct Acknowledgement {
    std::string client;
    std::vector<EventId> ids;        ///< these, …
    std::optional<EventId> through;  ///< … or everything up to and including this id …
    TypeFilter types;                ///< … of these types
    bool all_types = true;           ///< with `through`: no `types` were given, so reserved ones count too
};

/// Stores acknowledgements. Blocking; one writer thread.
class AckStore {
  public:
    virtual ~AckStore() = default;
    /// Applies all in one transaction, durably; repeating one changes nothing. Throws Unavailable.
    virtual void apply(std::span<const Acknowledgement* const> acknowledgements) = 0;
    /// Forgets the client and all it has processed; false when it was not known. Throws Unavailable.
    virtual bool forget(std::string_view client) = 0;
};

}  // namespace headwater
