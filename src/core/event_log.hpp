#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/event.hpp"
#include "core/stream.hpp"
#include "core/type_filter.hpp"

namespace headwater {

/// What became of one event of a batch.
struct Appended {
    enum class Outcome {
        stored,
        duplicate,  ///< its key was there already (or stands earlier in the batch) with the same fingerprint:
                    ///< id and created_at are the first one's
        conflict,   ///< its key was there already with another fingerprint: nothing stored
        unregistered,  ///< its type is no longer registered: nothing stored
        rejected,  ///< PostgreSQL refused this row for its data: nothing stored (set by the Appender, never
                   ///< by a LogWriter)
        refused,   ///< it has no type, it only held its place: nothing stored
    };
    Outcome outcome = Outcome::stored;
    EventId id{};
    Timestamp created_at{};
    std::string
        answer{};  ///< of a refused item of a repeated request: what its sender was told the first time
};

/// The events of a request that carries a key: all of them, in order. They are appended all together or, when
/// the key came before, not at all: with the first request's outcomes (duplicate for those it had stored) if
/// the fingerprints are equal, else all as conflicts. A request of which nothing was stored or a duplicate
/// leaves its key free.
struct KeyedRequest {
    std::size_t first = 0;  ///< index of its first event in the batch
    std::size_t count = 0;
    IdempotencyKey key;
};

/// One commit's worth of events.
struct AppendBatch {
    std::int64_t process = 0;  ///< random, drawn at start; names this process's appender
    std::int64_t number = 0;   ///< 1, 2, 3, … within the process; the same for each try of the same batch
    std::span<const NewEvent* const> events;   ///< at least one
    std::span<const KeyedRequest> requests{};  ///< of the events; no two with the same key
};

struct AppendResult {
    /// The log's head just before this batch. When it is not the position that the node has seen, events of
    /// another node (or of a batch whose answer was lost) stand in between.
    Position previous_head;
    Timestamp clock;               ///< the log's clock: created_at of every event stored by this batch
    Timestamp database_now;        ///< PostgreSQL's own clock, for the check against the node's
    std::vector<Appended> events;  ///< one per event, in order
};

/// Writes the log. One object is one connection and belongs to one thread (the appender's).
class LogWriter {
  public:
    virtual ~LogWriter() = default;

    /// Stores the batch in one transaction with synchronous_commit on, in order, under the log's lock.
    /// Repeating a batch number returns what the first try stored, so after Unavailable the caller may simply
    /// call again. Throws Unavailable when PostgreSQL is away (the outcome is unknown; the next call opens a
    /// fresh connection) and DataRejected when a row is at fault (nothing was stored).
    virtual AppendResult append(const AppendBatch& batch) = 0;
};

/// Which events to read from the log, and from where.
struct LogRead {
    Cursor after{};                     ///< exclusive
    std::optional<Position> through{};  ///< inclusive; to the end when unset
    const TypeFilter* types = nullptr;  ///< null: every type, reserved ones too
    std::string_view type{};            ///< one exact type instead of `types`
    std::optional<std::string_view> subject{};
    std::span<const std::string> subjects{};  ///< when there are any: one of them
    std::size_t limit = 500;                  ///< of events, 1 to 10,000
    std::size_t max_bytes = 8 << 20;          ///< of payloads; at least one event comes
    bool with_ephemeral = false;              ///< also those still in the ephemeral table
    /// Also those that have expired since then and are still stored: for counting them.
    std::optional<Timestamp> expired_since{};
};

struct LogPage {
    std::vector<EventPtr> events;  ///< ascending; expired ones left out, if not asked for
    bool is_last = true;           ///< no further event matched at the time of the read
};

struct LogHead {
    Position position;  ///< the newest id ever handed out; a gap at or below it is final once it was read
                        ///< under the lock
    Timestamp clock;    ///< no later event gets an earlier created_at
};

/// Reads the log. Thread-safe and blocking: call it on a reader thread, never on an io thread. Every call
/// throws Unavailable when PostgreSQL is away or the statement's time is over.
class LogReader {
  public:
    virtual ~LogReader() = default;

    /// The events after a cursor, in log order. Everything committed before the call is seen.
    [[nodiscard]] virtual LogPage read(const LogRead& what) = 0;

    /// The event with this id; nothing when there is none (never was, or expired).
    [[nodiscard]] virtual std::optional<EventPtr> find(EventId id) = 0;

    /// Those of these events (position and created_at) that are there and have not expired, in no particular
    /// order. Times make it cheap: no index of ids is asked.
    [[nodiscard]] virtual std::vector<EventPtr> find_all(std::span<const Cursor> events) {
        std::vector<EventPtr> found;
        for (const Cursor& event : events) {
            if (auto one = find(event.position)) found.push_back(std::move(*one));
        }
        return found;
    }

    /// A cursor that reads every event with an id above `position`, its time found from the log's index of
    /// times.
    [[nodiscard]] virtual Cursor cursor_at(Position position) = 0;

    /// The head and the clock, read under the log's lock: every event at or below is committed or will never
    /// be.
    [[nodiscard]] virtual LogHead head() = 0;

    /// The same, and first moves the clock of an idle log up to PostgreSQL's now (never back). Slices that
    /// end at or before the returned clock are closed for good.
    [[nodiscard]] virtual LogHead advance_clock() = 0;
};

}  // namespace headwater
