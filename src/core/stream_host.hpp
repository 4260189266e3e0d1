#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/attempt_log.hpp"
#include "core/delivery_store.hpp"
#include "core/event_log.hpp"
#include "core/sink.hpp"

namespace headwater {

/// Which life of a runner something belongs to: a new one whenever it starts anew, so that late answers are
/// told apart. Unique within the process.
using RunnerGeneration = std::uint64_t;

/// Whom an answer is for: a stream's own runner (no replay), or one of its replays, in one of its lives.
struct RunnerKey {
    StreamId stream;
    ReplayId replay{};
    RunnerGeneration generation = 0;
};

/// Within a runner: the events of the log in their order, or those that failed before and have a row.
enum class Lane { flow, failing };

/// The moment in which a runner is asked to act.
struct StreamMoment {
    Timestamp now;
    std::chrono::steady_clock::time_point steady;
    Cursor tail;  ///< everything at or below has been offered
    bool is_tight =
        false;  ///< the events in memory have reached the node's bound: take no more than needed to go on
};

/// What a runner asks of the thread that drives it. No call may block.
class StreamHost {
  public:
    virtual ~StreamHost() = default;

    [[nodiscard]] virtual RunnerGeneration next_generation() = 0;
    /// False when the node may no longer send (its lease is over, by its own clock). Asked before each
    /// delivery.
    [[nodiscard]] virtual bool may_send() = 0;
    /// Opens the stream's destination; null when its kind is unknown.
    [[nodiscard]] virtual std::unique_ptr<Sink> open(const Stream& stream) = 0;
    /// Ends a sink; its destructor may block, so not on this thread.
    virtual void close(std::unique_ptr<Sink> sink) = 0;
    /// A callback for one delivery that brings its result to the runner's on_settled on the driving thread.
    [[nodiscard]] virtual std::move_only_function<void(DeliveryResult)> settle_for(const RunnerKey& runner,
                                                                                   Lane lane,
                                                                                   EventId event) = 0;
    /// Reads a page for on_page, or calls on_read_failed. The read has no types yet: they are the stream's.
    virtual void read(const RunnerKey& runner, std::shared_ptr<const Stream> stream, LogRead what) = 0;
    /// Finds these events for on_found (those that are still there), or calls it with nothing when the log
    /// cannot be read.
    virtual void find(const RunnerKey& runner, std::vector<Cursor> events) = 0;
    /// Reads what there is to do, for on_work; with nothing when it cannot be read.
    virtual void read_work(const RunnerKey& runner, EventId after, std::size_t limit) = 0;
    /// Reads dead events (newest first, below `before`) for on_dead; with nothing when they cannot be read.
    virtual void read_dead(const RunnerKey& runner, EventId before, std::size_t limit) = 0;
    /// Pauses the stream durably.
    virtual void pause(StreamId stream, const std::string& reason) = 0;
    /// Counts what became of an attempt: an outcome, "expired" or "dead".
    virtual void count(StreamId stream, std::string_view result) = 0;
    /// Takes an attempt down for people.
    virtual void note_attempt(StreamId stream, Attempt attempt) = 0;
};

}  // namespace headwater
