#include "postgres/log_times.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "postgres/binary_array.hpp"
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

// The rows from the one that covers the first id to the one behind the last.
constexpr std::string_view kBetween =
    "select first_id, at from headwater.log_times where first_id > coalesce((select first_id from "
    "headwater.log_times where first_id <= $1 order by first_id desc limit 1), 0) - 1 and first_id <= "
    "coalesce("
    "(select first_id from headwater.log_times where first_id > $2 order by first_id limit 1), $2) "
    "order by first_id";

constexpr std::string_view kTimesOfEach =
    "select coalesce((select at from headwater.log_times where first_id <= wanted.id order by first_id desc "
    "limit 1), '-infinity'), coalesce((select at from headwater.log_times where first_id > wanted.id order "
    "by "
    "first_id limit 1), 'infinity') from unnest($1::bigint[]) with ordinality as wanted(id, ordinal) "
    "order by ordinal";

// A row for so many ids or more; fewer when commits were larger or an hour was quiet.
constexpr std::int64_t kIdsOfARow = 256;
// Of the rows of a stretch that may be read for each id, before each is looked up by itself.
constexpr std::int64_t kRowsForAnId = 8;

std::vector<TimeRange> times_of_stretch(Connection& connection, std::span<const std::int64_t> ids,
                                        std::int64_t first, std::int64_t last) {
    std::vector<std::pair<std::int64_t, Timestamp>> marks;
    for (const auto& row : connection.query(kBetween, first, last))
        marks.emplace_back(row[0].as<std::int64_t>(), parse_sql_time(row[1].c_str()));
    std::vector<TimeRange> times;
    times.reserve(ids.size());
    for (const std::int64_t id : ids) {
        const auto next =
            std::ranges::upper_bound(marks, id, {}, [](const auto& mark) { return mark.first; });
        times.push_back({next == marks.begin() ? Timestamp::min() : std::prev(next)->second,
                         next == marks.end() ? Timestamp::max() : next->second});
    }
    return times;
}

}  // namespace

Timestamp time_past(Connection& connection, EventId id) {
    const pqxx::result rows = connection.query(kTimePast, id.value);
    return rows.empty() ? Timestamp::max() : parse_sql_time(rows[0][0].c_str());
}

TimeRange times_of(Connection& connection, EventId id) {
    const pqxx::result rows = connection.query(kTimes, id.value);
    return {parse_sql_time(rows[0][0].c_str()), parse_sql_time(rows[0][1].c_str())};
}

std::vector<TimeRange> times_of(Connection& connection, std::span<const std::int64_t> ids) {
    if (ids.empty()) return {};
    const auto [first, last] = std::ranges::minmax(ids);
    if ((last - first) / kIdsOfARow <= kRowsForAnId * static_cast<std::int64_t>(ids.size()))
        return times_of_stretch(connection, ids, first, last);
    std::vector<TimeRange> times;
    BinaryArray wanted(BinaryArray::Element::int8);
    for (const std::int64_t id : ids) wanted.add(id);
    for (const auto& row : connection.query(kTimesOfEach, wanted.take()))
        times.push_back({parse_sql_time(row[0].c_str()), parse_sql_time(row[1].c_str())});
    return times;
}

}  // namespace headwater::postgres
