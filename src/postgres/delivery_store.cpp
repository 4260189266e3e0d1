#include "postgres/delivery_store.hpp"

#include "postgres/binary_array.hpp"
#include "postgres/dead_events.hpp"
#include "postgres/failing_rows.hpp"
#include "postgres/operator_call.hpp"
#include "postgres/refusals.hpp"
#include "postgres/replays.hpp"
#include "postgres/sql_text.hpp"

namespace headwater::postgres {
namespace {

constexpr std::string_view kSkip =
    "select skip_id from headwater.streams where stream_id = $1 and skip_id > cursor_id";
constexpr std::string_view kFailing =
    "select stream_id, event_id, event_at, expires_at, subject, state, attempts, next_attempt_at, "
    "last_error, "
    "last_status, died_at, replay_id, progress from headwater.failing_events where stream_id = $1 and "
    "event_id > $2 "
    "and state <> 'dead' order by event_id limit $3";
constexpr std::string_view kFailingOf =
    "select stream_id, event_id, event_at, expires_at, subject, state, attempts, next_attempt_at, "
    "last_error, "
    "last_status, died_at, replay_id, progress from headwater.failing_events where event_id = $1 order by "
    "stream_id";
constexpr std::string_view kStandings =
    "select s.state, s.state_since, s.last_error, s.cursor_id, s.cursor_at, coalesce(l.label, ''), s.expired "
    "from unnest($1::bigint[]) with ordinality as g(stream_id, ordinal) "
    "left join headwater.streams s using (stream_id) "
    "left join headwater.leases l on l.process = s.owner and l.expires_at > clock_timestamp() "
    "order by ordinal";
constexpr std::string_view kStoreSkip =
    "update headwater.streams set skip_id = $2 where stream_id = $1 and (select last_value from "
    "headwater.log_head) >= $2";

/// Nothing when the stream is gone.
std::optional<StoredStanding> to_standing(const pqxx::row& row) {
    if (row[0].is_null()) return std::nullopt;
    StoredStanding found;
    found.standing.state = parse_stream_state(row[0].c_str()).value_or(StreamState::running);
    found.standing.since = parse_sql_time(row[1].c_str());
    found.standing.last_error = row[2].c_str();
    found.cursor = {Position{row[3].as<std::int64_t>()}, parse_sql_time(row[4].c_str())};
    found.owner = row[5].c_str();
    found.expired = row[6].as<std::int64_t>();
    return found;
}

}  // namespace

std::vector<StreamId> PostgresDeliveryStore::save(std::span<const StreamProgress> progress) {
    return owners_.run(
        [&](Connection& connection) { return save_progress(connection, numbers_.next(), progress); });
}

StreamWork PostgresDeliveryStore::work(StreamId stream, EventId after, std::size_t limit) {
    return readers_.run([&](Connection& connection) {
        StreamWork work;
        const pqxx::result skip = connection.query(kSkip, stream.value);
        if (!skip.empty()) work.skip = EventId{skip[0][0].as<std::int64_t>()};
        work.failing = to_failing_events(connection.query(kFailing, stream.value, after.value, limit + 1));
        work.has_more_failing = work.failing.size() > limit;
        if (work.has_more_failing) work.failing.pop_back();
        work.replays = read_running_replays(connection, stream);
        return work;
    });
}

std::vector<std::optional<StoredStanding>> PostgresDeliveryStore::standings(
    std::span<const StreamId> streams) {
    return readers_.run([&](Connection& connection) {
        BinaryArray ids(BinaryArray::Element::int8);
        for (const StreamId stream : streams) ids.add(stream.value);
        std::vector<std::optional<StoredStanding>> found;
        for (const auto& row : connection.query(kStandings, ids.take())) found.push_back(to_standing(row));
        return found;
    });
}

std::vector<std::pair<StreamId, FailingEvent>> PostgresDeliveryStore::failing_of(EventId event) {
    return readers_.run([&](Connection& connection) {
        std::vector<std::pair<StreamId, FailingEvent>> found;
        for (const auto& row : connection.query(kFailingOf, event.value)) {
            found.emplace_back(stream_of(row), to_failing_event(row));
        }
        return found;
    });
}

DeadPage PostgresDeliveryStore::dead(StreamId stream, std::optional<EventId> before, std::size_t limit) {
    return readers_.run([&](Connection& connection) { return read_dead(connection, stream, before, limit); });
}

std::vector<std::int64_t> PostgresDeliveryStore::count_dead(std::span<const StreamId> streams) {
    return readers_.run([&](Connection& connection) { return postgres::count_dead(connection, streams); });
}

std::expected<std::int64_t, Refusal> PostgresDeliveryStore::retry_dead(StreamId stream,
                                                                       std::optional<EventId> event) {
    return readers_.run(
        [&](Connection& connection) { return postgres::retry_dead(connection, stream, event); });
}

std::expected<void, Refusal> PostgresDeliveryStore::remove_dead(StreamId stream, EventId event) {
    return readers_.run(
        [&](Connection& connection) { return postgres::remove_dead(connection, stream, event); });
}

std::expected<void, Refusal> PostgresDeliveryStore::skip(StreamId stream, EventId event) {
    return readers_.run([&](Connection& connection) -> std::expected<void, Refusal> {
        OperatorCall call(connection, stream);
        if (!call.has_stream()) return no_such_stream();
        if (call.order() != StreamOrder::strict)
            return refuse(Refusal::Kind::conflict, "Only a strict stream waits for an event.");
        if (event <= call.position())
            return refuse(Refusal::Kind::conflict, "The stream has moved on past this event.");
        if (call.transaction().query(kStoreSkip, stream.value, event.value).affected_rows() == 0)
            return refuse(Refusal::Kind::conflict, "There is no such event yet.");
        call.commit();
        return {};
    });
}

std::expected<Replay, Refusal> PostgresDeliveryStore::start_replay(StreamId stream,
                                                                   const ReplayRequest& request) {
    return readers_.run(
        [&](Connection& connection) { return postgres::start_replay(connection, stream, request); });
}

std::vector<Replay> PostgresDeliveryStore::replays(StreamId stream, std::size_t limit) {
    return readers_.run([&](Connection& connection) { return read_replays(connection, stream, limit); });
}

std::optional<Replay> PostgresDeliveryStore::find_replay(StreamId stream, ReplayId replay) {
    return readers_.run(
        [&](Connection& connection) { return postgres::find_replay(connection, stream, replay); });
}

std::expected<Replay, Refusal> PostgresDeliveryStore::cancel_replay(StreamId stream, ReplayId replay) {
    return readers_.run(
        [&](Connection& connection) { return postgres::cancel_replay(connection, stream, replay); });
}

}  // namespace headwater::postgres
