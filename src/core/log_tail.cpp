#include "core/log_tail.hpp"

#include <chrono>

#include "core/errors.hpp"
#include "core/log.hpp"
#include "core/work_pool.hpp"

namespace headwater {
namespace {

constexpr std::chrono::milliseconds kRetryPause{200};
constexpr std::size_t kPageEvents = 2000;

EventPtr to_event(const NewEvent& event, const Appended& outcome) {
    return make_event({.id = outcome.id,
                       .created_at = outcome.created_at,
                       .expires_at = expiry_of(event.type->retention, outcome.created_at),
                       .type_id = event.type->id,
                       .type = event.type->name,
                       .subject = event.subject,
                       .meta = event.meta,
                       .payload = event.payload,
                       .payload_is_base64 = event.payload_is_base64,
                       .is_ephemeral = event.type->retention.is_ephemeral()});
}

}  // namespace

LogTail::LogTail(LogReader& reader) : reader_(reader) {}

LogTail::~LogTail() {
    stop();
}

void LogTail::start() {
    const LogHead head = reader_.head();
    cursor_ = {head.position, head.clock};
    position_.store(head.position.value, std::memory_order_release);
    thread_ = std::jthread([this](const std::stop_token& stop) {
        name_this_thread("tail");
        run(stop);
    });
}

void LogTail::stop() {
    if (!thread_.joinable()) return;
    thread_.request_stop();
    thread_.join();
}

void LogTail::committed(Commit commit) {
    {
        const std::lock_guard lock(mutex_);
        if (waiting_events_ + commit.events.size() > kMaxWaiting) {
            must_read_ = true;
        } else {
            waiting_events_ += commit.events.size();
            commits_.push_back(std::move(commit));
        }
    }
    changed_.notify_one();
}

void LogTail::wake() {
    {
        const std::lock_guard lock(mutex_);
        must_read_ = true;
    }
    changed_.notify_one();
}

void LogTail::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        auto [commits, must_read] = wait_for_work(stop);
        for (const Commit& commit : commits) hand_on_commit(commit, stop);
        if (must_read) read_until(std::nullopt, stop);
    }
}

std::pair<std::deque<LogTail::Commit>, bool> LogTail::wait_for_work(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, stop, [this] { return must_read_ || !commits_.empty(); });
    waiting_events_ = 0;
    return {std::exchange(commits_, {}), std::exchange(must_read_, false)};
}

void LogTail::hand_on_commit(const Commit& commit, const std::stop_token& stop) {
    // Somebody else's batch stands in between, or one of ours whose answer was lost.
    if (commit.result.previous_head > cursor_.position) read_until(commit.result.previous_head, stop);
    std::vector<EventPtr> events;
    events.reserve(commit.events.size());
    for (std::size_t i = 0; i < commit.events.size(); ++i) {
        const Appended& outcome = commit.result.events[i];
        // At or below the cursor: read from the log already, between the commit and now.
        if (outcome.outcome != Appended::Outcome::stored || outcome.id <= cursor_.position) continue;
        events.push_back(to_event(commit.events[i], outcome));
    }
    if (events.empty()) return;
    const Cursor upto{events.back()->id, commit.result.clock};
    hand_on(std::move(events), upto);
}

/// Reads the log from the cursor up to the limit, or to its end. Tries until PostgreSQL answers.
void LogTail::read_until(std::optional<Position> limit, const std::stop_token& stop) {
    bool is_away = false;
    while (!stop.stop_requested()) {
        try {
            LogPage page = reader_.read(
                {.after = cursor_, .through = limit, .limit = kPageEvents, .with_ephemeral = true});
            const bool is_last = page.is_last;
            Cursor upto = cursor_;
            if (!page.events.empty()) upto = {page.events.back()->id, page.events.back()->created_at};
            if (is_last && limit) upto.position = std::max(upto.position, *limit);
            hand_on(std::move(page.events), upto);
            if (is_last) return;
        } catch (const Unavailable& error) {
            if (!std::exchange(is_away, true)) log::warn("tail.unavailable", {{"error", error.what()}});
            pause(stop);
        }
    }
}

void LogTail::hand_on(std::vector<EventPtr> events, Cursor upto) {
    cursor_ = upto;
    const bool is_empty = events.empty();
    const EventBatch batch = std::make_shared<const std::vector<EventPtr>>(std::move(events));
    if (!is_empty) {
        for (const Listener& listener : listeners_) listener(batch, cursor_.position);
    }
    position_.store(cursor_.position.value, std::memory_order_release);
}

void LogTail::pause(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, stop, kRetryPause, [] { return false; });
}

}  // namespace headwater
