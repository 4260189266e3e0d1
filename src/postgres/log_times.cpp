#include "postgres/log_times.hpp"

#include "postgres/connection.hpp"
#include "postgres/sql_text.hpp"

namespace headwater::postgres {
namespace {

// Ids below the first row of all belong to no event.
constexpr std::string_view kTimes =
    "select coalesce((select at from headwater.log_times where first_id <= $1 order by first_id desc limit "
    "1), '-infinity'),"
    " coalesce((select at from headwater.log_times where first_id > $1 order by first_id limit 1), "
    "'infinity')";

constexpr std::string_view kTimePast =
    "select at from headwater.log_times where first_id > $1 order by first_id limit 1";

}  // namespace

Timestamp time_past(Connection& connection, EventId id) {
    const pqxx::result rows = connection.query(kTimePast, id.value);
    return rows.empty() ? Timestamp::max() : parse_sql_time(rows[0][0].c_str());
}

TimeRange times_of(Connection& connection, EventId id) {
    const pqxx::result rows = connection.query(kTimes, id.value);
    return {parse_sql_time(rows[0][0].c_str()), parse_sql_time(rows[0][1].c_str())};
}

}  // namespace headwater::postgres
