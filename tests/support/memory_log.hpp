#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include "core/errors.hpp"
#include "core/event_log.hpp"

namespace headwater::testing {

/// The log in memory, by the same rules as PostgreSQL's, for tests without I/O. Thread-safe. on_append lets a
/// test fail, block or lose the answer of an append.
class MemoryLog final : public LogWriter, public LogReader {
  public:
    /// Runs before (stored = false) and after (stored = true) a batch is stored; may throw what an append may
    /// throw.
    std::function<void(const AppendBatch& batch, bool stored)> on_append = [](const AppendBatch&, bool) {};

    AppendResult append(const AppendBatch& batch) override {
        on_append(batch, false);
        AppendResult result = store(batch);
        on_append(batch, true);
        return result;
    }

    LogPage read(const LogRead& what) override {
        const std::lock_guard lock(mutex_);
        LogPage page;
        for (const EventPtr& event : events_) {
            if (!matches(what, *event)) continue;
            if (page.events.size() == what.limit) {
                page.is_last = false;
                break;
            }
            page.events.push_back(event);
        }
        return page;
    }

    std::optional<EventPtr> find(EventId id) override {
        const std::lock_guard lock(mutex_);
        for (const EventPtr& event : events_) {
            if (event->id == id && !event->is_ephemeral) return event;
        }
        return std::nullopt;
    }

    Cursor cursor_at(Position position) override { return {position, Timestamp{}}; }

    LogHead head() override {
        const std::lock_guard lock(mutex_);
        return {head_, clock_};
    }

    LogHead advance_clock() override { return head(); }

    [[nodiscard]] std::size_t size() const {
        const std::lock_guard lock(mutex_);
        return events_.size();
    }

    /// How many transactions stored something.
    [[nodiscard]] std::size_t commits() const {
        const std::lock_guard lock(mutex_);
        return batches_.size();
    }

    void set_database_now(Timestamp now) {
        const std::lock_guard lock(mutex_);
        now_ = now;
    }

  private:
    static bool matches(const LogRead& what, const Event& event) {
        if (event.id <= what.after.position) return false;
        if (what.through && event.id > *what.through) return false;
        if (event.is_ephemeral && !what.with_ephemeral) return false;
        if (what.types != nullptr && !what.types->matches(event.type)) return false;
        if (!what.type.empty() && what.type != event.type) return false;
        return !what.subject || event.subject == *what.subject;
    }

    AppendResult store(const AppendBatch& batch) {
        const std::lock_guard lock(mutex_);
        const auto number = std::pair{batch.process, batch.number};
        if (const auto known = batches_.find(number); known != batches_.end()) return known->second;
        clock_ = std::max(clock_, now_);
        AppendResult result{head_, clock_, now_, {}};
        std::size_t next = 0;
        for (const KeyedRequest& request : batch.requests) {
            while (next < request.first) result.events.push_back(store_one(*batch.events[next++]));
            store_request(request, batch.events.subspan(next, request.count), result.events);
            next += request.count;
        }
        while (next < batch.events.size()) result.events.push_back(store_one(*batch.events[next++]));
        batches_.emplace(number, result);
        return result;
    }

    void store_request(const KeyedRequest& request, std::span<const NewEvent* const> events,
                       std::vector<Appended>& results) {
        const auto known = requests_.find(request.key.key);
        if (known != requests_.end()) {
            const auto& [fingerprint, answer] = known->second;
            if (fingerprint == request.key.fingerprint) {
                results.insert(results.end(), answer.begin(), answer.end());
            } else {
                results.resize(results.size() + events.size(), {.outcome = Appended::Outcome::conflict});
            }
            return;
        }
        std::vector<Appended> answer;
        bool is_taken = false;
        for (const NewEvent* event : events) {
            results.push_back(store_one(*event));
            answer.push_back(results.back());
            if (!event->type) answer.back().answer = event->payload;
            if (answer.back().outcome == Appended::Outcome::stored)
                answer.back().outcome = Appended::Outcome::duplicate;
            is_taken = is_taken || answer.back().outcome == Appended::Outcome::duplicate;
        }
        if (is_taken) requests_.emplace(request.key.key, std::pair{request.key.fingerprint, answer});
    }

    Appended store_one(const NewEvent& event) {
        if (!event.type) return {.outcome = Appended::Outcome::refused};
        if (event.key) {
            if (const auto known = keys_.find(event.key->key); known != keys_.end()) {
                if (known->second.first != event.key->fingerprint)
                    return {.outcome = Appended::Outcome::conflict};
                Appended appended = known->second.second;
                appended.outcome = Appended::Outcome::duplicate;
                return appended;
            }
        }
        head_.value += 1;
        const Appended appended{Appended::Outcome::stored, head_, clock_, {}};
        if (event.key) keys_[event.key->key] = {event.key->fingerprint, appended};
        auto stored = std::make_shared<Event>();
        stored->id = head_;
        stored->created_at = clock_;
        stored->type_id = event.type->id;
        stored->type = event.type->name;
        stored->subject = event.subject;
        stored->is_ephemeral = event.type->retention.is_ephemeral();
        stored->json = "{\"id\":\"" + to_string(head_) + "\",\"payload\":" + event.payload + "}";
        events_.push_back(std::move(stored));
        return appended;
    }

    mutable std::mutex mutex_;
    std::vector<EventPtr> events_;
    Position head_;
    Timestamp clock_{};
    Timestamp now_ = std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
    std::map<std::pair<std::int64_t, std::int64_t>, AppendResult> batches_;
    std::map<Digest, std::pair<Digest, Appended>> keys_;
    std::map<Digest, std::pair<Digest, std::vector<Appended>>> requests_;
};

/// A registered type for tests.
[[nodiscard]] inline EventTypePtr make_type(std::string name, Retention retention = {}, std::int64_t id = 1) {
    auto type = std::make_shared<EventType>();
    type->id = TypeId{id};
    type->name = std::move(name);
    type->retention = retention;
    return type;
}

[[nodiscard]] inline NewEvent make_new_event(EventTypePtr type, std::string payload) {
    NewEvent event;
    event.type = std::move(type);
    event.payload = std::move(payload);
    return event;
}

}  // namespace headwater::testing
