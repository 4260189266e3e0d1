#include "postgres/failing_rows.hpp"

#include <pqxx/pqxx>

#include "postgres/sql_text.hpp"

namespace headwater::postgres {

StreamId stream_of(const pqxx::row& row) {
    return StreamId{row[0].as<std::int64_t>()};
}

FailingEvent to_failing_event(const pqxx::row& row) {
    FailingEvent event;
    event.id = EventId{row[1].as<std::int64_t>()};
    event.at = parse_sql_time(row[2].c_str());
    event.expires_at = parse_sql_time(row[3].c_str());
    if (!row[4].is_null()) event.subject = row[4].c_str();
    event.state = parse_failing_state(row[5].c_str()).value_or(FailingState::retrying);
    event.attempts = row[6].as<int>();
    if (!row[7].is_null()) event.next_attempt = parse_sql_time(row[7].c_str());
    event.last_error = row[8].c_str();
    event.last_status = row[9].as<int>();
    if (!row[10].is_null()) event.died_at = parse_sql_time(row[10].c_str());
    event.replay = ReplayId{row[11].as<std::int64_t>()};
    event.progress = row[12].c_str();
    return event;
}

std::vector<FailingEvent> to_failing_events(const pqxx::result& rows) {
    std::vector<FailingEvent> events;
    events.reserve(rows.size());
    for (const auto& row : rows) events.push_back(to_failing_event(row));
    return events;
}

}  // namespace headwater::postgres
