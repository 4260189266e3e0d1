#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/errors.hpp"
#include "core/event.hpp"
#include "core/stream.hpp"

namespace headwater {

using ReplayId = Id<struct ReplayTag>;

/// retrying: waits for its next attempt; held: behind another of its subject; dead: given up, kept until it
/// expires.
enum class FailingState { retrying, held, dead };

[[nodiscard]] std::string_view to_string(FailingState state);
[[nodiscard]] std::optional<FailingState> parse_failing_state(std::string_view text);

/// An event that a stream could not deliver yet, or at all: the one kind of delivery that has a row of its
/// own.
struct FailingEvent {
    EventId id;
    Timestamp at;  ///< created_at of the event
    Timestamp expires_at = Timestamp::max();
    std::optional<std::string> subject;
    FailingState state = FailingState::retrying;
    int attempts = 0;        ///< failed ones
    Timestamp next_attempt;  ///< when retrying
    std::string last_error;
    int last_status = 0;  ///< the protocol's own code; 0 when there was none
    std::optional<Timestamp> died_at;
    ReplayId replay{};       ///< the replay that sent it last; 0: none
    std::string progress{};  ///< the sink's own, see DeliveryResult
};

/// How a stream stands, as the node that runs it says.
struct StreamStanding {
    StreamState state = StreamState::running;
    Timestamp since;
    std::string last_error;
};

/// What every node may read of a stream that it does not run itself.
struct StoredStanding {
    StreamStanding standing;
    Cursor cursor;             ///< as last saved: fresher than the registry's
    std::string owner;         ///< the label of the node that runs it; "" when nobody does
    std::int64_t expired = 0;  ///< events that expired before they were delivered
};

/// running: on its way; done: everything was sent; cancelled: by an operator.
enum class ReplayState { running, done, cancelled };

[[nodiscard]] std::string_view to_string(ReplayState state);
[[nodiscard]] std::optional<ReplayState> parse_replay_state(std::string_view text);

/// A part of the log that is carried to a stream's destination once more.
struct ReplayRequest {
    Position after;    ///< exclusive
    Position through;  ///< inclusive
    bool only_dead = false;
    std::optional<int> rate;  ///< events a second at most; nothing: as fast as the destination takes them
};
struct Replay {
    ReplayId id;
    StreamId stream;
    ReplayRequest what;
    ReplayState state = ReplayState::running;
    Cursor cursor;  ///< everything up to here has been sent and confirmed, or has a row of its own
    std::int64_t delivered = 0;  ///< confirmed
    std::int64_t failed = 0;     ///< refused; they go on as failing events of the stream
    std::int64_t skipped = 0;    ///< expired, or not of this stream
    Timestamp created_at;
    std::optional<Timestamp> finished_at;
};

struct ReplayProgress {
    ReplayId id;
    Cursor cursor;
    std::int64_t delivered = 0;  ///< in total
    std::int64_t failed = 0;
    std::int64_t skipped = 0;
    bool is_done = false;
};

/// Events in a row of one partition that expired before the stream had delivered them.
struct ExpiredRun {
    int retention_class = 0;  ///< as in RetentionClass; 0: of none
    Timestamp partition;      ///< its begin
    EventId last;             ///< the greatest
    std::int64_t count = 0;
};

/// What is saved of one stream; all of it takes effect or nothing.
struct StreamProgress {
    StreamId stream;
    std::int64_t epoch = 0;
    Cursor cursor;                        ///< never moves back; the rest is stored also when it stands still
    std::vector<FailingEvent> failing{};  ///< rows to write: new, tried again, dead
    std::vector<EventId> settled{};       ///< rows to remove: delivered, or expired
    std::vector<EventId> expired_rows{};  ///< those of `settled` that expired; each counts once
    /// What the cursor has passed without its having been delivered. Counted unless the stored cursor had
    /// passed it before, or it was counted when its partition went.
    std::vector<ExpiredRun> expired{};
    std::optional<StreamStanding> standing{};
    std::vector<ReplayProgress> replays{};
};

/// What a stream has to do besides following the log.
struct StreamWork {
    std::optional<EventId>
        skip;  ///< an operator gave this event up: it becomes dead when it is the stream's next
    std::vector<FailingEvent> failing;  ///< retrying and held, by id; at most `limit`
    bool has_more_failing = false;
    std::vector<Replay> replays;  ///< running ones, by id
};

/// Failing events of one stream, newest id first.
struct DeadPage {
    std::vector<FailingEvent> events;
    bool has_more = false;
};

/// Stores what streams have done and have still to do. Thread-safe, blocking (never on an io thread); throws
/// Unavailable. The node that runs a stream alone calls save() and work(); the rest is for anybody. What an
/// operator asks for is stored and told to all nodes (the Listener's on_stream), whose owner of the stream
/// then reads its work() anew.
class DeliveryStore {
  public:
    virtual ~DeliveryStore() = default;

    /// Saves many streams in one transaction. A stream whose stored epoch is another one, that nobody owns or
    /// that is gone is left alone altogether and returned: it is not the caller's. Cursors never move back.
    /// Safe to repeat when the outcome is unknown: a death that an operator has undone meanwhile stays
    /// undone.
    virtual std::vector<StreamId> save(std::span<const StreamProgress> progress) = 0;

    /// `after`: rows with greater ids only, for the next part of a long list.
    [[nodiscard]] virtual StreamWork work(StreamId stream, EventId after, std::size_t limit) = 0;

    /// What is stored of these streams, in their order; nothing for one that is gone.
    [[nodiscard]] virtual std::vector<std::optional<StoredStanding>> standings(
        std::span<const StreamId> streams) = 0;
    /// The failing rows of one event, one for each stream that has one.
    [[nodiscard]] virtual std::vector<std::pair<StreamId, FailingEvent>> failing_of(EventId event) = 0;

    [[nodiscard]] virtual DeadPage dead(StreamId stream, std::optional<EventId> before,
                                        std::size_t limit) = 0;
    /// How many dead events each has, exact up to 10,000.
    [[nodiscard]] virtual std::vector<std::int64_t> count_dead(std::span<const StreamId> streams) = 0;
    /// Makes a dead event due at once, with all its attempts before it (nothing: every dead event of the
    /// stream, expired ones apart). Returns how many; not_found when that one is not dead.
    [[nodiscard]] virtual std::expected<std::int64_t, Refusal> retry_dead(StreamId stream,
                                                                          std::optional<EventId> event) = 0;
    [[nodiscard]] virtual std::expected<void, Refusal> remove_dead(StreamId stream, EventId event) = 0;

    /// Gives up the event at a strict stream's head. conflict when the stream has moved on past it, or is not
    /// strict.
    [[nodiscard]] virtual std::expected<void, Refusal> skip(StreamId stream, EventId event) = 0;

    [[nodiscard]] virtual std::expected<Replay, Refusal> start_replay(StreamId stream,
                                                                      const ReplayRequest& request) = 0;
    [[nodiscard]] virtual std::vector<Replay> replays(StreamId stream,
                                                      std::size_t limit) = 0;  ///< newest first
    [[nodiscard]] virtual std::optional<Replay> find_replay(StreamId stream, ReplayId replay) = 0;
    /// Cancels a running one; one that has ended stays as it is. not_found.
    [[nodiscard]] virtual std::expected<Replay, Refusal> cancel_replay(StreamId stream, ReplayId replay) = 0;
};

}  // namespace headwater
