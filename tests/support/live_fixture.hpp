#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "core/live_shard.hpp"

namespace headwater::testing {

/// Work that waits until the test runs it: a thread without a thread.
class ManualExecutor {
  public:
    void post(std::move_only_function<void()> work) { queue_.push_back(std::move(work)); }
    /// False when there was nothing to run.
    bool run_one() {
        if (queue_.empty()) return false;
        auto work = std::move(queue_.front());
        queue_.pop_front();
        work();
        return true;
    }
    [[nodiscard]] std::size_t size() const { return queue_.size(); }

  private:
    std::deque<std::move_only_function<void()>> queue_;
};

class FixedClock final : public Clock {
  public:
    Timestamp time{std::chrono::seconds(1'000'000)};
    [[nodiscard]] Timestamp now() const override { return time; }
    [[nodiscard]] std::chrono::steady_clock::time_point steady_now() const override {
        return std::chrono::steady_clock::time_point(time.time_since_epoch());
    }
};

class FixedHorizon final : public ResumeHorizon {
  public:
    Timestamp complete_from{};
    [[nodiscard]] bool is_before(Timestamp since, const LiveFilter&) const override {
        return since < complete_from;
    }
};

/// A log that the test writes by hand. `during_read` runs inside of a read, before or after it has looked.
class HandLog final : public LogReader {
  public:
    std::function<void()> during_read = [] {};
    bool is_away = false;
    std::size_t reads = 0;
    std::size_t lookups = 0;
    std::chrono::milliseconds step{1000};  ///< between two events

    EventPtr add(const std::string& type, bool is_ephemeral = false, std::string subject = "",
                 const std::string& payload = "1") {
        head_.value += 1;
        clock_ += step;
        EventRecord record;
        record.id = head_;
        record.created_at = clock_;
        record.type = type;
        record.payload = payload;
        if (!subject.empty()) record.subject = subject;
        record.is_ephemeral = is_ephemeral;
        auto event = make_event(record);
        events_.push_back(event);
        return event;
    }

    LogPage read(const LogRead& what) override {
        ++reads;
        if (is_away) throw Unavailable("away");
        LogPage page;
        for (const EventPtr& event : events_) {
            if (event->id <= what.after.position || event->is_ephemeral) continue;
            if (what.types != nullptr && !what.types->matches(event->type)) continue;
            if (what.subject && event->subject != *what.subject) continue;
            if (page.events.size() == what.limit) {
                page.is_last = false;
                break;
            }
            page.events.push_back(event);
        }
        during_read();
        return page;
    }
    std::optional<EventPtr> find(EventId id) override {
        ++lookups;
        if (is_away) throw Unavailable("away");
        const auto found = std::ranges::find(events_, id, [](const EventPtr& event) { return event->id; });
        return found == events_.end() ? std::nullopt : std::optional(*found);
    }
    Cursor cursor_at(Position position) override { return {position, Timestamp{}}; }
    LogHead head() override { return {head_, clock_}; }
    LogHead advance_clock() override { return head(); }

    [[nodiscard]] const std::vector<EventPtr>& events() const { return events_; }

  private:
    std::vector<EventPtr> events_;
    Position head_;
    Timestamp clock_{};
};

/// Writes an event as its id and a space.
class IdEncoder final : public LiveEncoder {
  public:
    void encode(const EventPtr& event, LiveChunk& out) const override {
        out.append(to_string(event->id) + " ");
        out.count_event(event->id);
    }
};

/// A connection that remembers what it got and is drained when the test says so.
class RecordingSubscriber final : public LiveSubscriber {
  public:
    void begin(const LiveStart& start) override { started = start; }
    void deliver(const LiveChunkPtr& chunk) override { take(chunk); }
    void deliver_history(const LiveChunkPtr& chunk) override {
        history_pages += 1;
        take(chunk);
    }
    [[nodiscard]] bool is_drained() const override { return is_drained_; }
    void history_failed() override { has_failed = true; }

    void drain() {
        is_drained_ = true;
        if (subscription) subscription->drained();
    }
    /// Everything is taken at once from now on.
    void drain_always() {
        drains_always_ = true;
        drain();
    }

    std::optional<LiveStart> started;
    bool has_failed = false;
    std::size_t history_pages = 0;
    std::vector<LiveChunkPtr> chunks;
    std::vector<std::int64_t> ids;
    std::unique_ptr<LiveSubscription> subscription;

  private:
    void take(const LiveChunkPtr& chunk) {
        is_drained_ = drains_always_;
        chunks.push_back(chunk);
        std::istringstream in(chunk->to_text());
        for (std::int64_t id = 0; in >> id;) ids.push_back(id);
    }
    bool is_drained_ = true;
    bool drains_always_ = false;
};

/// The parts of a hub with everything in the test's hand.
struct LiveFixture {
    struct Bounds {
        LiveBroadcast::Options broadcast{};
        LiveHistory::Options history{};
        std::size_t slice_bytes = 256 << 10;
    };
    explicit LiveFixture(const Bounds& b, std::size_t shard_count = 1) : bounds(b), executors(shard_count) {
        for (auto& executor : executors) {
            shards.push_back(std::make_unique<LiveShard>(
                parts, [&executor](auto work) { executor.post(std::move(work)); }));
        }
    }

    /// Hands on what the log holds beyond what was published, `limit` events at most.
    void publish(std::size_t limit = 1'000'000) {
        auto batch = std::make_shared<std::vector<EventPtr>>();
        while (published < log.events().size() && batch->size() < limit)
            batch->push_back(log.events()[published++]);
        if (!batch->empty()) broadcast.publish(batch, batch->back()->id);
    }
    void run_all() {
        bool has_run = true;
        while (has_run) {
            has_run = pool.run_one();
            for (auto& executor : executors) has_run |= executor.run_one();
        }
    }
    std::unique_ptr<RecordingSubscriber> subscribe(const std::string& types,
                                                   std::optional<std::int64_t> since, std::size_t shard = 0,
                                                   std::optional<std::string> subject = {}) {
        auto subscriber = std::make_unique<RecordingSubscriber>();
        LiveFilter filter(TypeFilter::parse(types).value(), std::move(subject));
        subscriber->subscription = shards[shard]->subscribe(std::move(filter), encoder, *subscriber);
        subscriber->subscription->start(since ? std::optional(Position{*since}) : std::nullopt);
        return subscriber;
    }

    Bounds bounds;
    HandLog log;
    FixedClock clock;
    FixedHorizon horizon;
    NullMetrics metrics;
    IdEncoder encoder;
    ManualExecutor pool;
    std::deque<ManualExecutor> executors;
    std::size_t published = 0;
    bool is_pool_full = false;
    LiveBroadcast broadcast{bounds.broadcast};
    LiveHistory history{log,
                        [this](WorkPool::Work work) {
                            if (!is_pool_full) pool.post(std::move(work));
                            return !is_pool_full;
                        },
                        clock, [this] { return broadcast.position(); }, bounds.history};
    LiveParts parts{broadcast, history, horizon, clock, metrics, bounds.broadcast.recent, bounds.slice_bytes};
    std::vector<std::unique_ptr<LiveShard>> shards;
};

}  // namespace headwater::testing
