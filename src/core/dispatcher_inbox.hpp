#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/delivery_store.hpp"
#include "core/event_log.hpp"
#include "core/lease_news.hpp"
#include "core/registry.hpp"
#include "core/sink.hpp"
#include "core/stream_host.hpp"

namespace headwater {

/// The dispatcher's messages from other threads. Bounded by design: settlements by the sinks' windows,
/// answers by the reads under way, and events by kMaxTailBytes, beyond which only their types are kept and
/// the streams read the log. Thread-safe; shared with the sinks' callbacks, which may outlive the dispatcher.
class DispatcherInbox {
  public:
    static constexpr std::size_t kMaxTailBytes = 32 << 20;

    struct Settlement {
        RunnerKey runner;
        Lane lane{};
        EventId event;
        DeliveryResult result;
    };
    /// What was read for a runner; nothing: it could not be read.
    template <class Content>
    struct Answer {
        RunnerKey runner;
        std::optional<Content> content;
    };
    using PageRead = Answer<LogPage>;
    using Found = Answer<std::vector<EventPtr>>;
    using WorkRead = Answer<StreamWork>;
    using DeadRead = Answer<DeadPage>;
    struct ProgressSaved {
        bool is_saved = false;
        std::vector<StreamId> refused;  ///< another node has them
    };
    struct PauseStored {
        StreamId stream;
        bool is_stored = false;
    };
    struct Announced {
        StreamId stream;
        bool is_accepted = false;
    };
    struct TailNews {
        std::vector<EventBatch> batches;
        std::set<std::string> lost_types;  ///< of events that were let go; then there are no batches
        std::optional<Cursor> upto;
    };
    struct Messages {
        TailNews tail;
        RegistryViewPtr view;
        std::vector<LeaseNews> leases;
        std::vector<std::vector<StreamId>> released;
        std::vector<std::optional<StreamId>> wants_work;
        std::vector<Settlement> settlements;
        std::vector<PageRead> pages;
        std::vector<Found> found;
        std::vector<WorkRead> work;
        std::vector<DeadRead> dead;
        std::vector<ProgressSaved> saved;
        std::vector<PauseStored> pauses;
        std::vector<Announced> announced;
        bool is_stopping = false;
    };

    void post_events(const EventBatch& events, Position position);
    void post(RegistryViewPtr view);
    void post(LeaseNews news) { push(&Messages::leases, std::move(news)); }
    /// These streams were given up.
    void post_released(std::vector<StreamId> streams) { push(&Messages::released, std::move(streams)); }
    /// There may be other work for this stream (nothing: for any) than before.
    void post_work(std::optional<StreamId> stream) { push(&Messages::wants_work, stream); }
    void post(Settlement settlement) { push(&Messages::settlements, std::move(settlement)); }
    void post(PageRead page) { push(&Messages::pages, std::move(page)); }
    void post(Found found) { push(&Messages::found, std::move(found)); }
    void post(WorkRead work) { push(&Messages::work, std::move(work)); }
    void post(DeadRead dead) { push(&Messages::dead, std::move(dead)); }
    void post(ProgressSaved saved) { push(&Messages::saved, std::move(saved)); }
    void post(PauseStored pause) { push(&Messages::pauses, pause); }
    void post(Announced announced) { push(&Messages::announced, announced); }
    void post_stop();

    /// Waits for a message or the time; takes all that there are. One caller.
    [[nodiscard]] Messages wait_until(std::optional<std::chrono::steady_clock::time_point> time);

  private:
    template <class Change>
    void post_with(Change change) {
        bool is_first = false;
        {
            const std::lock_guard lock(mutex_);
            change();
            is_first = !std::exchange(has_messages_, true);
        }
        if (is_first) changed_.notify_one();
    }
    template <class Message>
    void push(std::vector<Message> Messages::*list, Message message) {
        post_with([&] { (messages_.*list).push_back(std::move(message)); });
    }
    void let_go(const std::vector<EventPtr>& events);  // with mutex_ held

    std::mutex mutex_;
    std::condition_variable changed_;
    Messages messages_;           // guarded by mutex_
    bool has_messages_ = false;   // guarded by mutex_
    std::size_t tail_bytes_ = 0;  // guarded by mutex_
};

}  // namespace headwater
