#include "core/appender.hpp"

#include <algorithm>
#include <random>
#include <set>
#include <utility>

#include "core/append_round.hpp"
#include "core/log.hpp"
#include "core/log_tail.hpp"
#include "core/work_pool.hpp"

namespace headwater {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;
constexpr std::chrono::milliseconds kRetryPause{100};

std::int64_t draw_process_number() {
    std::random_device device;
    const std::uint64_t high = device();
    return static_cast<std::int64_t>((high << 31) ^ device()) & std::int64_t{0x7fffffffffffffff};
}

void refuse(Appender::Completion& done, Refusal::Kind kind, std::string detail) {
    done(std::unexpected(Refusal{kind, std::move(detail)}));
}

/// Events of one type mostly stand in a row, so runs are counted rather than events.
void count_accepted(const LogTail::Commit& commit, Metrics& metrics) {
    const EventType* type = nullptr;
    std::uint64_t count = 0;
    const auto flush = [&] {
        if (count > 0) metrics.events_accepted(type->name, count);
        count = 0;
    };
    for (std::size_t i = 0; i < commit.events.size(); ++i) {
        if (commit.result.events[i].outcome != Appended::Outcome::stored) continue;
        if (commit.events[i].type.get() != type) flush();
        type = commit.events[i].type.get();
        ++count;
    }
    flush();
}

}  // namespace

Appender::Appender(LogWriter& writer, LogTail& tail, const Clock& clock, Metrics& metrics, Options options)
    : writer_(writer),
      tail_(tail),
      clock_(clock),
      metrics_(metrics),
      options_(options),
      process_(draw_process_number()),
      thread_([this] {
          name_this_thread("appender");
          run();
      }) {}

Appender::~Appender() {
    stop();
}

void Appender::submit(std::vector<NewEvent> events, Completion done,
                      std::optional<IdempotencyKey> request_key) {
    if (is_skewed_) {
        return refuse(done, Refusal::Kind::unavailable,
                      "The clocks of the event store and this node disagree.");
    }
    if (disk_ == DiskState::full) {
        return refuse(done, Refusal::Kind::unavailable,
                      "The disk of the event store is full; nothing is taken until there is room again.");
    }
    auto request = std::make_unique<AppendRequest>(std::move(events), std::move(done), request_key);
    std::unique_lock lock(mutex_);
    if (is_stopping_ || queued_bytes_ + request->bytes > options_.max_queue_bytes) {
        const bool stopping = is_stopping_;
        lock.unlock();
        return stopping ? refuse(request->done, Refusal::Kind::unavailable, "The server is shutting down.")
                        : refuse(request->done, Refusal::Kind::overloaded, "The intake queue is full.");
    }
    queued_bytes_ += request->bytes;
    const bool was_empty = queue_.empty();
    queue_.push_back(std::move(request));
    lock.unlock();
    if (was_empty) changed_.notify_one();
}

void Appender::stop() {
    {
        const std::lock_guard lock(mutex_);
        is_stopping_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void Appender::observe_database_clock(Timestamp database_now) {
    if (is_away_.exchange(false)) log::info("append.available");
    const auto skew = std::chrono::abs(database_now - clock_.now());
    const bool skewed = skew > options_.max_clock_skew;
    if (is_skewed_.exchange(skewed) != skewed) {
        log::write(skewed ? log::Level::error : log::Level::info, skewed ? "clock.skewed" : "clock.agrees",
                   {{"skew_us", skew.count()}});
    }
}

void Appender::observe_disk(DiskState state) {
    if (disk_.exchange(state) == state) return;
    const bool is_full = state == DiskState::full;
    log::write(is_full ? log::Level::error : log::Level::info, is_full ? "disk.full" : "disk.roomy", {});
}

std::optional<std::string> Appender::complaint() const {
    if (disk_ == DiskState::full) return "the disk of the event store is full";
    if (is_skewed_) return "the clocks of PostgreSQL and this node disagree by more than a minute";
    if (is_away_) return "PostgreSQL cannot be reached for writing";
    return std::nullopt;
}

void Appender::run() {
    for (;;) {
        Requests requests = take_requests();
        if (requests.empty()) return;
        commit(std::move(requests));
    }
}

/// Whatever has queued up, as far as one commit may hold; at least one request, and no request key twice: a
/// repeat is told of the first once that is committed. Empty only when stopping with nothing left.
Appender::Requests Appender::take_requests() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return is_stopping_ || !queue_.empty(); });
    Requests taken;
    std::set<Digest> keys;
    std::size_t events = 0;
    std::size_t bytes = 0;
    while (!queue_.empty()) {
        const AppendRequest& next = *queue_.front();
        const bool fits = events + next.events.size() <= options_.max_batch_events &&
                          bytes + next.bytes <= options_.max_batch_bytes;
        if (!taken.empty() && !fits) break;
        if (next.key && !keys.insert(next.key->key).second) break;
        events += next.events.size();
        bytes += next.bytes;
        taken.push_back(std::move(queue_.front()));
        queue_.pop_front();
    }
    queued_bytes_ -= bytes;
    return taken;
}

void Appender::commit(Requests requests) {
    AppendRound round(std::move(requests));
    append(round, round.all());
    round.answer();
    for (LogTail::Commit& committed : round.release_commits()) {
        count_accepted(committed, metrics_);
        tail_.committed(std::move(committed));
    }
}

/// Appends these events in one transaction. When PostgreSQL refuses the data, halves them until the culprit
/// is alone.
void Appender::append(AppendRound& round, AppendRange range) {
    const std::vector<KeyedRequest> requests = round.keyed_requests(range);
    try {
        const AppendBatch batch{process_, ++last_number_, round.events(range), requests};
        if (std::optional<AppendResult> result = append_until_deadline(batch))
            round.add_commit(range, std::move(*result));
    } catch (const DataRejected& error) {
        if (const auto halves = round.halve(range)) {
            append(round, halves->first);
            append(round, halves->second);
            return;
        }
        log::error("append.rejected", {{"events", range.end - range.begin}, {"error", error.what()}});
        round.reject(range);
    }
}

/// Nothing when the outcome could not be learnt in time. Repeating the batch number makes each further try
/// safe.
std::optional<AppendResult> Appender::append_until_deadline(const AppendBatch& batch) {
    const SteadyTime begin = clock_.steady_now();
    // Once PostgreSQL is known to be away, a batch gets one try: its senders learn so at once.
    const SteadyTime deadline = is_away_ ? begin : begin + options_.answer_deadline;
    for (;;) {
        const SteadyTime start = clock_.steady_now();
        try {
            AppendResult result = writer_.append(batch);
            record(result, batch.events.size(), clock_.steady_now() - start);
            return result;
        } catch (const Unavailable& error) {
            log::warn("append.unavailable", {{"batch", batch.number}, {"error", error.what()}});
        }
        if (!may_try_again(deadline)) {
            is_away_ = true;
            return std::nullopt;
        }
    }
}

bool Appender::may_try_again(SteadyTime deadline) {
    const SteadyTime now = clock_.steady_now();
    std::unique_lock lock(mutex_);
    if (now + kRetryPause > deadline) return false;
    changed_.wait_for(lock, kRetryPause, [] { return false; });
    return true;
}

void Appender::record(const AppendResult& result, std::size_t events, std::chrono::nanoseconds duration) {
    metrics_.appended(events, duration);
    const std::chrono::duration<double> ahead = result.clock - result.database_now;
    metrics_.clock_ahead(std::max(0.0, ahead.count()));
    observe_database_clock(result.database_now);
}

}  // namespace headwater
