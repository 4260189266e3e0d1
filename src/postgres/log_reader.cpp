#include "postgres/log_reader.hpp"

#include <algorithm>
#include <array>

#include "postgres/binary_array.hpp"
#include "postgres/event_query.hpp"
#include "postgres/event_rows.hpp"
#include "postgres/log_times.hpp"
#include "postgres/sql_text.hpp"

namespace headwater::postgres {
namespace {

constexpr std::string_view kReadHead = "select head, headwater.to_micros(clock) from headwater.read_head()";
constexpr std::string_view kAdvanceClock =
    "select head, headwater.to_micros(clock) from headwater.advance_clock()";

// Each is looked up in the index of its partition; the bounds of all tell which partitions come into
// question.
constexpr std::string_view kFindAll =
    "select e.* from unnest($1::bigint[], $2::timestamptz[]) as wanted(id, at) cross join lateral ("
    "select id, created_at, expires_at, type_id, class, payload_base64, subject, meta, payload "
    "from headwater.events where created_at = wanted.at and id = wanted.id "
    "and created_at between $3::timestamptz and $4::timestamptz "
    "union all "
    "select id, created_at, expires_at, type_id, class, payload_base64, subject, meta, payload "
    "from headwater.ephemeral_events where created_at = wanted.at and id = wanted.id "
    "limit 1) e where e.expires_at > statement_timestamp()";
constexpr std::size_t kFoundAtOnce = 1'000;

// In ids; beyond the last, the rest of the log.
constexpr std::array<std::int64_t, 3> kReaches = {8'192, 131'072, 2'097'152};

TypeSelection selection_of(const LogRead& what, const TypeCatalog::Names& names) {
    if (!what.type.empty()) return select_type(names, what.type);
    if (what.types != nullptr) return select_types(names, *what.types);
    return {};
}

EventScope scope_of(const LogRead& what, TypeSelection types) {
    EventScope scope;
    scope.from = what.after.at;
    scope.after = what.after.position;
    scope.last = what.through;
    if (what.subject) scope.subject = std::string(*what.subject);
    scope.subjects.assign(what.subjects.begin(), what.subjects.end());
    scope.types = std::move(types);
    scope.with_ephemeral = what.with_ephemeral;
    scope.expired_since = what.expired_since;
    scope.limit = what.limit;
    scope.max_bytes = what.max_bytes;
    return scope;
}

/// Reads one page. Looks near the cursor first: the further a read reaches, the more partitions PostgreSQL
/// has to look into.
EventRows read_near(Connection& connection, LogTimes& times, EventScope scope, Timestamp end) {
    // Where most events match, twice the page is far enough.
    const std::int64_t near = std::max<std::int64_t>(1'024, 2 * static_cast<std::int64_t>(scope.limit));
    for (const std::int64_t reach : {near, kReaches[0], kReaches[1], kReaches[2]}) {
        if (reach == kReaches[0] && near >= reach) continue;
        const EventId past{scope.after->value + reach};
        const Timestamp bound = std::min(end, times.of(connection, past).through);
        scope.through = bound;
        EventRows found = read_events(connection, scope);
        if (found.has_more || bound == end) return found;
    }
    scope.through = end;
    return read_events(connection, scope);
}

LogPage to_page(const EventRows& found, const LogRead& what, const TypeCatalog::Names& names) {
    LogPage page;
    page.is_last = !found.has_more;
    page.events.reserve(std::min<std::size_t>(found.rows.size(), what.limit));
    for (const auto& row : found.rows) {
        if (page.events.size() == what.limit) break;
        page.events.push_back(to_event(row, names));
    }
    return page;
}

pqxx::result query_all(Connection& connection, std::span<const Cursor> wanted) {
    BinaryArray ids(BinaryArray::Element::int8), times(BinaryArray::Element::timestamptz);
    for (const Cursor& event : wanted) {
        ids.add(event.position.value);
        times.add(event.at);
    }
    const auto [first, last] = std::ranges::minmax(wanted, {}, &Cursor::at);
    return connection.query(Statement{kFindAll, connection.log_partitions().size()}, ids.take(), times.take(),
                            to_sql(first.at), to_sql(last.at));
}

LogHead to_head(const pqxx::result& rows) {
    return {Position{rows[0][0].as<std::int64_t>()}, from_micros(rows[0][1].as<std::int64_t>())};
}

}  // namespace

LogPage PostgresLogReader::read(const LogRead& what) {
    return pool_.run([&](Connection& connection) {
        TypeCatalog::ViewPtr catalog = types_.known();
        while (true) {
            EventScope scope = scope_of(what, selection_of(what, catalog->names));
            scope.classes = catalog->classes;
            const Timestamp end =
                what.through ? times_.of(connection, *what.through).through : Timestamp::max();
            const EventRows found = read_near(connection, times_, std::move(scope), end);
            // A type or class that was registered meanwhile may have events in this very page: then the
            // selection was too narrow. An empty page does not tell.
            if (!found.rows.empty() && catalog->covers(found.mark))
                return to_page(found, what, catalog->names);
            const TypeCatalog::ViewPtr newer = types_.current(connection);
            if (found.rows.empty() && newer == catalog) return to_page(found, what, catalog->names);
            catalog = newer;
        }
    });
}

std::optional<EventPtr> PostgresLogReader::find(EventId id) {
    return pool_.run([&](Connection& connection) -> std::optional<EventPtr> {
        const TimeRange times = times_.of(connection, id);
        EventScope scope;
        scope.from = times.from;
        scope.through = times.through;
        scope.after = Position{id.value - 1};
        scope.last = id;
        scope.limit = 1;
        TypeCatalog::ViewPtr catalog = types_.known();
        while (true) {
            scope.classes = catalog->classes;
            const EventRows found = read_events(connection, scope);
            if (!found.rows.empty() && catalog->covers(found.mark))
                return to_event(found.rows[0], catalog->names);
            const TypeCatalog::ViewPtr newer = types_.current(connection);
            if (found.rows.empty() && newer == catalog) return std::nullopt;
            catalog = newer;
        }
    });
}

std::vector<EventPtr> PostgresLogReader::find_all(std::span<const Cursor> events) {
    return pool_.run([&](Connection& connection) {
        std::vector<EventPtr> found;
        for (auto rest = events; !rest.empty(); rest = rest.subspan(std::min(rest.size(), kFoundAtOnce))) {
            const auto part = rest.first(std::min(rest.size(), kFoundAtOnce));
            const pqxx::result rows = query_all(connection, part);
            const TypeCatalog::ViewPtr catalog = types_.current(connection);
            for (const auto& row : rows) found.push_back(to_event(row, catalog->names));
        }
        return found;
    });
}

Cursor PostgresLogReader::cursor_at(Position position) {
    // The next event has an id above the position, and so a time that is not before the position's own.
    return pool_.run([&](Connection& connection) {
        return Cursor{position, times_.of(connection, position).from};
    });
}

LogHead PostgresLogReader::head() {
    return pool_.run([](Connection& connection) { return to_head(connection.query(kReadHead)); });
}

LogHead PostgresLogReader::advance_clock() {
    return pool_.run([](Connection& connection) { return to_head(connection.query(kAdvanceClock)); });
}

}  // namespace headwater::postgres
