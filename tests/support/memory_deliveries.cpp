#include "tests/support/memory_deliveries.hpp"

namespace headwater::testing {
namespace {

constexpr std::ptrdiff_t kRunningReplays = 10;

}  // namespace

void MemoryDeliveries::put(const Stream& stream) {
    const std::lock_guard lock(mutex_);
    const auto [found, is_new] = streams_.try_emplace(stream.id);
    const Stream before = found->second.stream;
    found->second.stream = stream;
    if (is_new) return;
    found->second.stream.cursor = before.cursor;
    found->second.stream.epoch = before.epoch;
}

void MemoryDeliveries::remove(StreamId stream) {
    const std::lock_guard lock(mutex_);
    streams_.erase(stream);
}

void MemoryDeliveries::set_head(Position head) {
    const std::lock_guard lock(mutex_);
    head_ = head;
}

void MemoryDeliveries::set_away(bool is_away) {
    const std::lock_guard lock(mutex_);
    is_away_ = is_away;
}

void MemoryDeliveries::expire(std::int64_t process) {
    const std::lock_guard lock(mutex_);
    if (leases_.contains(process)) leases_[process].expires_at = Timestamp::min();
}

std::optional<FailingEvent> MemoryDeliveries::row(StreamId stream, EventId event) {
    const std::lock_guard lock(mutex_);
    const StoredStream* stored = find(stream);
    if (stored == nullptr || !stored->rows.contains(event)) return std::nullopt;
    return stored->rows.at(event).event;
}

Cursor MemoryDeliveries::cursor(StreamId stream) {
    const std::lock_guard lock(mutex_);
    return streams_.at(stream).stream.cursor;
}

int MemoryDeliveries::saves() {
    const std::lock_guard lock(mutex_);
    return saves_;
}

std::vector<StreamId> MemoryDeliveries::save(std::span<const StreamProgress> progress) {
    const auto lock = enter();
    ++saves_;
    std::vector<StreamId> refused;
    for (const StreamProgress& one : progress) {
        if (!save_one(one)) refused.push_back(one.stream);
    }
    return refused;
}

bool MemoryDeliveries::save_one(const StreamProgress& progress) {
    StoredStream* stored = find(progress.stream);
    if (stored == nullptr || !stored->owner || stored->stream.epoch != progress.epoch) return false;
    for (const ExpiredRun& run : progress.expired) {
        if (run.last > stored->stream.cursor.position) stored->expired += run.count;
    }
    for (const EventId event : progress.expired_rows) {
        const auto row = stored->rows.find(event);
        if (row != stored->rows.end() && row->second.event.state != FailingState::dead) ++stored->expired;
    }
    stored->stream.cursor = std::max(stored->stream.cursor, progress.cursor);
    if (stored->skip && *stored->skip <= stored->stream.cursor.position) stored->skip.reset();
    if (progress.standing) stored->standing = *progress.standing;
    for (const EventId event : progress.settled) stored->rows.erase(event);
    for (const FailingEvent& event : progress.failing) {
        Row& row = stored->rows[event.id];
        const bool is_undone =
            event.state == FailingState::dead && event.died_at && row.undone_death == event.died_at;
        if (!is_undone) row.event = event;
    }
    for (const ReplayProgress& replay : progress.replays) save_replay(*stored, replay);
    return true;
}

void MemoryDeliveries::save_replay(StoredStream& stored, const ReplayProgress& progress) const {
    const auto found = stored.replays.find(progress.id);
    if (found == stored.replays.end() || found->second.state == ReplayState::done) return;
    Replay& replay = found->second;
    replay.cursor = std::max(replay.cursor, progress.cursor);
    replay.delivered = std::max(replay.delivered, progress.delivered);
    replay.failed = std::max(replay.failed, progress.failed);
    replay.skipped = std::max(replay.skipped, progress.skipped);
    if (!progress.is_done || replay.state != ReplayState::running) return;
    replay.state = ReplayState::done;
    replay.finished_at = clock_.now();
}

StreamWork MemoryDeliveries::work(StreamId stream, EventId after, std::size_t limit) {
    const auto lock = enter();
    StreamWork work;
    const StoredStream* stored = find(stream);
    if (stored == nullptr) return work;
    work.skip = stored->skip;
    for (const auto& [id, row] : stored->rows) {
        if (id <= after || row.event.state == FailingState::dead) continue;
        work.has_more_failing = work.failing.size() == limit;
        if (work.has_more_failing) break;
        work.failing.push_back(row.event);
    }
    for (const auto& [id, replay] : stored->replays) {
        if (replay.state == ReplayState::running) work.replays.push_back(replay);
    }
    return work;
}

std::vector<std::optional<StoredStanding>> MemoryDeliveries::standings(std::span<const StreamId> streams) {
    const auto lock = enter();
    std::vector<std::optional<StoredStanding>> found(streams.size());
    for (std::size_t i = 0; i < streams.size(); ++i) {
        if (const StoredStream* stored = find(streams[i]))
            found[i] = {stored->standing, stored->stream.cursor, owner_of(*stored), stored->expired};
    }
    return found;
}

std::vector<std::pair<StreamId, FailingEvent>> MemoryDeliveries::failing_of(EventId event) {
    const auto lock = enter();
    std::vector<std::pair<StreamId, FailingEvent>> found;
    for (const auto& [id, stored] : streams_) {
        if (stored.rows.contains(event)) found.emplace_back(id, stored.rows.at(event).event);
    }
    return found;
}

DeadPage MemoryDeliveries::dead(StreamId stream, std::optional<EventId> before, std::size_t limit) {
    const auto lock = enter();
    DeadPage page;
    const StoredStream* stored = find(stream);
    if (stored == nullptr) return page;
    for (auto at = stored->rows.rbegin(); at != stored->rows.rend(); ++at) {
        if ((before && at->first >= *before) || !is_listed(at->second, clock_.now())) continue;
        page.has_more = page.events.size() == limit;
        if (page.has_more) break;
        page.events.push_back(at->second.event);
    }
    return page;
}

std::vector<std::int64_t> MemoryDeliveries::count_dead(std::span<const StreamId> streams) {
    const auto lock = enter();
    std::vector<std::int64_t> counts;
    for (const StreamId stream : streams) {
        const StoredStream* stored = find(stream);
        counts.push_back(stored == nullptr ? 0 : std::ranges::count_if(stored->rows, [&](const auto& entry) {
            return is_listed(entry.second, clock_.now());
        }));
    }
    return counts;
}

std::expected<std::int64_t, Refusal> MemoryDeliveries::retry_dead(StreamId stream,
                                                                  std::optional<EventId> event) {
    std::int64_t count = 0;
    {
        const auto lock = enter();
        StoredStream* stored = find(stream);
        if (stored == nullptr) return refuse(Refusal::Kind::not_found);
        for (auto& [id, row] : stored->rows) {
            if (event ? id != *event || !is_dead(row, clock_.now()) : !is_listed(row, clock_.now())) continue;
            row.undone_death = std::exchange(row.event.died_at, std::nullopt);
            row.event.state = FailingState::retrying;
            row.event.attempts = 0;
            row.event.next_attempt = clock_.now();
            ++count;
        }
        if (event && count == 0) return refuse(Refusal::Kind::not_found);
    }
    on_stream(stream);
    return count;
}

std::expected<void, Refusal> MemoryDeliveries::remove_dead(StreamId stream, EventId event) {
    {
        const auto lock = enter();
        StoredStream* stored = find(stream);
        if (stored == nullptr || !stored->rows.contains(event)) return refuse(Refusal::Kind::not_found);
        Row& row = stored->rows.at(event);
        if (!is_listed(row, clock_.now())) return refuse(Refusal::Kind::not_found);
        row.removed_death = row.event.died_at;
    }
    on_stream(stream);
    return {};
}

std::expected<void, Refusal> MemoryDeliveries::skip(StreamId stream, EventId event) {
    {
        const auto lock = enter();
        StoredStream* stored = find(stream);
        if (stored == nullptr) return refuse(Refusal::Kind::not_found);
        const bool is_ahead = event > stored->stream.cursor.position && event <= head_;
        if (stored->stream.definition.order != StreamOrder::strict || !is_ahead)
            return refuse(Refusal::Kind::conflict);
        stored->skip = event;
    }
    on_stream(stream);
    return {};
}

std::expected<Replay, Refusal> MemoryDeliveries::start_replay(StreamId stream, const ReplayRequest& request) {
    Replay replay;
    {
        const auto lock = enter();
        StoredStream* stored = find(stream);
        if (stored == nullptr) return refuse(Refusal::Kind::not_found);
        if (request.after > request.through || (request.rate && *request.rate < 1))
            return refuse(Refusal::Kind::invalid);
        const auto is_running = [](const auto& entry) { return entry.second.state == ReplayState::running; };
        if (std::ranges::count_if(stored->replays, is_running) >= kRunningReplays)
            return refuse(Refusal::Kind::conflict);
        replay.id = ReplayId{++last_replay_};
        replay.stream = stream;
        replay.what = request;
        replay.what.through = std::max(request.after, std::min(request.through, head_));
        replay.cursor = {request.after, Timestamp::min()};
        replay.created_at = clock_.now();
        stored->replays.emplace(replay.id, replay);
    }
    on_stream(stream);
    return replay;
}

std::vector<Replay> MemoryDeliveries::replays(StreamId stream, std::size_t limit) {
    const auto lock = enter();
    std::vector<Replay> found;
    const StoredStream* stored = find(stream);
    if (stored == nullptr) return found;
    for (auto at = stored->replays.rbegin(); at != stored->replays.rend() && found.size() < limit; ++at)
        found.push_back(at->second);
    return found;
}

std::optional<Replay> MemoryDeliveries::find_replay(StreamId stream, ReplayId replay) {
    const auto lock = enter();
    const StoredStream* stored = find(stream);
    if (stored == nullptr || !stored->replays.contains(replay)) return std::nullopt;
    return stored->replays.at(replay);
}

std::expected<Replay, Refusal> MemoryDeliveries::cancel_replay(StreamId stream, ReplayId id) {
    Replay cancelled;
    {
        const auto lock = enter();
        StoredStream* stored = find(stream);
        if (stored == nullptr || !stored->replays.contains(id)) return refuse(Refusal::Kind::not_found);
        Replay& replay = stored->replays.at(id);
        if (replay.state != ReplayState::running) return replay;
        replay.state = ReplayState::cancelled;
        replay.finished_at = clock_.now();
        cancelled = replay;
    }
    on_stream(stream);
    return cancelled;
}

}  // namespace headwater::testing
