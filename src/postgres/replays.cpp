#include "postgres/replays.hpp"

#include <algorithm>
#include <string>

#include "postgres/log_times.hpp"
#include "postgres/operator_call.hpp"
#include "postgres/refusals.hpp"
#include "postgres/sql_text.hpp"

namespace headwater::postgres {
namespace {

constexpr std::int64_t kRunningAtMost = 10;

#define REPLAY_COLUMNS                                                                                      \
    "replay_id, stream_id, after_id, through_id, only_dead, rate, state, cursor_id, cursor_at, delivered, " \
    "failed, skipped, created_at, finished_at"
constexpr std::string_view kHead = "select last_value from headwater.log_head";
constexpr std::string_view kRunningCount =
    "select count(*) from headwater.replays where stream_id = $1 and state = 'running'";
constexpr std::string_view kInsert =
    "insert into headwater.replays (stream_id, after_id, through_id, only_dead, rate, cursor_id, cursor_at) "
    "values ($1, $2, $3, $4, $5::integer, $2, $6) returning " REPLAY_COLUMNS;
constexpr std::string_view kNewest = "select " REPLAY_COLUMNS
                                     " from headwater.replays where stream_id = $1 order by replay_id desc "
                                     "limit $2";
constexpr std::string_view kRunning = "select " REPLAY_COLUMNS
                                      " from headwater.replays where stream_id = $1 and state = 'running' "
                                      "order by replay_id";
constexpr std::string_view kFind =
    "select " REPLAY_COLUMNS " from headwater.replays where stream_id = $1 and replay_id = $2";
constexpr std::string_view kCancel =
    "update headwater.replays set state = 'cancelled', finished_at = clock_timestamp() "
    "where stream_id = $1 and replay_id = $2 and state = 'running' returning " REPLAY_COLUMNS;
#undef REPLAY_COLUMNS

Replay to_replay(const pqxx::row& row) {
    Replay replay;
    replay.id = ReplayId{row[0].as<std::int64_t>()};
    replay.stream = StreamId{row[1].as<std::int64_t>()};
    replay.what.after = Position{row[2].as<std::int64_t>()};
    replay.what.through = Position{row[3].as<std::int64_t>()};
    replay.what.only_dead = row[4].as<bool>();
    if (!row[5].is_null()) replay.what.rate = row[5].as<int>();
    replay.state = parse_replay_state(row[6].c_str()).value_or(ReplayState::running);
    replay.cursor = {Position{row[7].as<std::int64_t>()}, parse_sql_time(row[8].c_str())};
    replay.delivered = row[9].as<std::int64_t>();
    replay.failed = row[10].as<std::int64_t>();
    replay.skipped = row[11].as<std::int64_t>();
    replay.created_at = parse_sql_time(row[12].c_str());
    if (!row[13].is_null()) replay.finished_at = parse_sql_time(row[13].c_str());
    return replay;
}

std::vector<Replay> to_replays(const pqxx::result& rows) {
    std::vector<Replay> replays;
    for (const auto& row : rows) replays.push_back(to_replay(row));
    return replays;
}

std::optional<Refusal> mistake_in(const ReplayRequest& request) {
    if (request.after > request.through)
        return Refusal{Refusal::Kind::invalid, "A replay cannot end before it begins."};
    if (request.rate && *request.rate < 1)
        return Refusal{Refusal::Kind::invalid, "A replay's rate is at least 1 event a second."};
    return std::nullopt;
}

}  // namespace

std::expected<Replay, Refusal> start_replay(Connection& connection, StreamId stream,
                                            const ReplayRequest& request) {
    if (auto mistake = mistake_in(request)) return std::unexpected(std::move(*mistake));
    // What comes later is delivered anyhow.
    const Position head{connection.query(kHead).at(0)[0].as<std::int64_t>()};
    const Position through = std::max(request.after, std::min(request.through, head));
    const Timestamp at = LogTimes{}.of(connection, request.after).from;
    const auto rate = request.rate ? std::optional(std::to_string(*request.rate)) : std::nullopt;

    OperatorCall call(connection, stream);
    if (!call.has_stream()) return no_such_stream();
    if (call.transaction().query(kRunningCount, stream.value).at(0)[0].as<std::int64_t>() >= kRunningAtMost) {
        return refuse(Refusal::Kind::conflict, "This stream has ten replays under way; one must end first.");
    }
    const Replay replay = to_replay(call.transaction()
                                        .query(kInsert, stream.value, request.after.value, through.value,
                                               request.only_dead, rate ? rate->c_str() : nullptr, to_sql(at))
                                        .at(0));
    call.commit();
    return replay;
}

std::vector<Replay> read_replays(Connection& connection, StreamId stream, std::size_t limit) {
    return to_replays(connection.query(kNewest, stream.value, limit));
}

std::vector<Replay> read_running_replays(Connection& connection, StreamId stream) {
    return to_replays(connection.query(kRunning, stream.value));
}

std::optional<Replay> find_replay(Connection& connection, StreamId stream, ReplayId replay) {
    const pqxx::result rows = connection.query(kFind, stream.value, replay.value);
    if (rows.empty()) return std::nullopt;
    return to_replay(rows[0]);
}

std::expected<Replay, Refusal> cancel_replay(Connection& connection, StreamId stream, ReplayId replay) {
    OperatorCall call(connection, stream);
    if (!call.has_stream()) return no_such_stream();
    const pqxx::result cancelled = call.transaction().query(kCancel, stream.value, replay.value);
    if (!cancelled.empty()) {
        call.commit();
        return to_replay(cancelled[0]);
    }
    const pqxx::result ended = call.transaction().query(kFind, stream.value, replay.value);
    if (ended.empty()) return refuse(Refusal::Kind::not_found, "This stream has no such replay.");
    return to_replay(ended[0]);
}

}  // namespace headwater::postgres
