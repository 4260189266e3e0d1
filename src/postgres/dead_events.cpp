#include "postgres/dead_events.hpp"

#include <string>

#include "postgres/binary_array.hpp"
#include "postgres/failing_rows.hpp"
#include "postgres/operator_call.hpp"
#include "postgres/refusals.hpp"

namespace headwater::postgres {
namespace {

constexpr std::int64_t kCountedAtMost = 10'000;

#define IS_DEAD "state = 'dead' and expires_at > statement_timestamp()"
#define IS_LISTED "died_at is distinct from removed_death and " IS_DEAD
constexpr std::string_view kPage =
    "select stream_id, event_id, event_at, expires_at, subject, state, attempts, next_attempt_at, "
    "last_error, "
    "last_status, died_at, replay_id, progress from headwater.failing_events where stream_id = $1 and "
    "event_id < $2 "
    "and " IS_LISTED " order by event_id desc limit $3";
constexpr std::string_view kCount =
    "select (select count(*) from (select from headwater.failing_events f where f.stream_id = g.stream_id "
    "and " IS_LISTED
    " limit $2) counted) from unnest($1::bigint[]) with ordinality as g(stream_id, ordinal) order by ordinal";
// One whose event is null: all that are listed. The death that is undone is remembered, so that the owner,
// saving it once more after a lost answer, does not bring it back.
constexpr std::string_view kRetry =
    "update headwater.failing_events set state = 'retrying', attempts = 0, undone_death = died_at, "
    "died_at = null, next_attempt_at = clock_timestamp() "
    "where stream_id = $1 and (event_id = $2 or ($2::bigint is null and died_at is distinct from "
    "removed_death)) "
    "and " IS_DEAD;
constexpr std::string_view kRemove =
    "update headwater.failing_events set removed_death = died_at where stream_id = $1 and event_id = $2 "
    "and " IS_LISTED;
#undef IS_LISTED
#undef IS_DEAD

std::unexpected<Refusal> not_dead() {
    return refuse(Refusal::Kind::not_found, "This event is not dead at this stream.");
}

}  // namespace

DeadPage read_dead(Connection& connection, StreamId stream, std::optional<EventId> before,
                   std::size_t limit) {
    const std::int64_t end = before ? before->value : std::numeric_limits<std::int64_t>::max();
    DeadPage page;
    page.events = to_failing_events(connection.query(kPage, stream.value, end, limit + 1));
    page.has_more = page.events.size() > limit;
    if (page.has_more) page.events.pop_back();
    return page;
}

std::vector<std::int64_t> count_dead(Connection& connection, std::span<const StreamId> streams) {
    BinaryArray ids(BinaryArray::Element::int8);
    for (const StreamId stream : streams) ids.add(stream.value);
    std::vector<std::int64_t> counts;
    for (const auto& row : connection.query(kCount, ids.take(), kCountedAtMost))
        counts.push_back(row[0].as<std::int64_t>());
    return counts;
}

std::expected<std::int64_t, Refusal> retry_dead(Connection& connection, StreamId stream,
                                                std::optional<EventId> event) {
    OperatorCall call(connection, stream);
    if (!call.has_stream()) return no_such_stream();
    const auto only = event ? std::optional(to_string(*event)) : std::nullopt;
    const auto count = static_cast<std::int64_t>(
        call.transaction().query(kRetry, stream.value, only ? only->c_str() : nullptr).affected_rows());
    if (event && count == 0) return not_dead();
    call.commit();
    return count;
}

std::expected<void, Refusal> remove_dead(Connection& connection, StreamId stream, EventId event) {
    OperatorCall call(connection, stream);
    if (!call.has_stream()) return no_such_stream();
    if (call.transaction().query(kRemove, stream.value, event.value).affected_rows() == 0) return not_dead();
    call.commit();
    return {};
}

}  // namespace headwater::postgres
