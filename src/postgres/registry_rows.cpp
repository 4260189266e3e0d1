#include "postgres/registry_rows.hpp"

#include <fmt/format.h>

#include "core/log.hpp"
#include "postgres/connection.hpp"
#include "postgres/sql_text.hpp"

namespace headwater::postgres {
namespace {

#define TYPE_COLUMNS \
    "type_id, name, retention, schema_text, version, created_at, updated_at, removed_at is not null"
constexpr std::string_view kTypes =
    "select " TYPE_COLUMNS " from headwater.event_types where removed_at is null order by name";
constexpr std::string_view kTypeByName = "select " TYPE_COLUMNS " from headwater.event_types where name = $1";
constexpr std::string_view kInsertType =
    "insert into headwater.event_types (name, retention, ttl, class, is_ephemeral, schema_text) "
    "values ($1, $2, $3::interval, $4, $5, $6) returning " TYPE_COLUMNS;
constexpr std::string_view kUpdateType =
    "update headwater.event_types set retention = $2, ttl = $3::interval, class = $4, is_ephemeral = $5, "
    "schema_text = $6, "
    "version = version + 1, updated_at = clock_timestamp(), removed_at = null, "
    "created_at = case when removed_at is null then created_at else clock_timestamp() end "
    "where name = $1 returning " TYPE_COLUMNS;
constexpr std::string_view kRemoveType =
    "update headwater.event_types set removed_at = clock_timestamp(), version = version + 1 where type_id = "
    "$1";

#define STREAM_COLUMNS                                                                                      \
    "s.stream_id, (select t.name from headwater.event_types t where t.type_id = s.owner_type_id), s.name, " \
    "s.source, "                                                                                            \
    "s.destination, s.stream_order, array_to_string(s.types, ','), s.is_paused, s.cursor_id, s.cursor_at, " \
    "s.epoch, "                                                                                             \
    "s.version, s.created_at, s.updated_at, s.start_id"
constexpr std::string_view kStreams =
    "select " STREAM_COLUMNS " from headwater.streams s order by s.stream_id";
constexpr std::string_view kStreamsOf = "select " STREAM_COLUMNS
                                        " from headwater.streams s where s.owner_type_id is not distinct "
                                        "from nullif($1::bigint, 0) order by s.stream_id";
constexpr std::string_view kLockStreamsOf =
    "select from headwater.streams where owner_type_id = $1 order by stream_id for no key update";
constexpr std::string_view kStream =
    "select " STREAM_COLUMNS " from headwater.streams s where s.stream_id = $1";
constexpr std::string_view kInsertStream =
    "insert into headwater.streams as s (owner_type_id, name, source, destination, stream_order, types, "
    "cursor_id, cursor_at, start_id) "
    "values (nullif($1::bigint, 0), $2, $3, $4, $5, string_to_array($6, ','), $7, $8, $7) "
    "returning " STREAM_COLUMNS;
// Nobody runs it yet.
constexpr std::string_view kTellOfFreeStream = "select pg_notify('headwater_leases', '')";
constexpr std::string_view kUpdateStream =
    "update headwater.streams s set source = $2, destination = $3, stream_order = $4, types = "
    "string_to_array($5, ','), "
    "version = version + 1, updated_at = clock_timestamp() where stream_id = $1 returning " STREAM_COLUMNS;
constexpr std::string_view kPauseStream =
    "update headwater.streams s set is_paused = $2, version = version + 1, updated_at = clock_timestamp() "
    "where stream_id = $1 returning " STREAM_COLUMNS;
constexpr std::string_view kDeleteStream = "delete from headwater.streams where stream_id = $1";
#undef TYPE_COLUMNS
#undef STREAM_COLUMNS

TypeRow to_type(const pqxx::row& row) {
    TypeRow found;
    EventType& type = found.type;
    type.id = TypeId{row[0].as<std::int64_t>()};
    type.name = row[1].c_str();
    type.retention = parse_retention(row[2].c_str()).value_or(Retention{});
    type.schema_text = row[3].c_str();
    type.version = row[4].as<std::int64_t>();
    type.created_at = parse_sql_time(row[5].c_str());
    type.updated_at = parse_sql_time(row[6].c_str());
    found.is_removed = row[7].as<bool>();
    if (type.schema_text.empty() || found.is_removed) return found;
    if (auto compiled = JsonSchema::compile(type.schema_text)) {
        type.schema = *compiled;
    } else {
        log::error("registry.schema_unreadable", {{"type", type.name}, {"error", compiled.error()}});
    }
    return found;
}

Stream to_stream(const pqxx::row& row) {
    Stream stream;
    stream.id = StreamId{row[0].as<std::int64_t>()};
    stream.owner_type = row[1].is_null() ? "" : row[1].c_str();
    stream.definition.name = row[2].c_str();
    stream.definition.source = row[3].c_str();
    stream.definition.destination = row[4].c_str();
    stream.definition.order = parse_stream_order(row[5].c_str()).value_or(StreamOrder::loose);
    stream.definition.types = TypeFilter::parse(row[6].c_str()).value_or(TypeFilter{});
    stream.is_paused = row[7].as<bool>();
    stream.cursor = {Position{row[8].as<std::int64_t>()}, parse_sql_time(row[9].c_str())};
    stream.epoch = row[10].as<std::int64_t>();
    stream.version = row[11].as<std::int64_t>();
    stream.created_at = parse_sql_time(row[12].c_str());
    stream.updated_at = parse_sql_time(row[13].c_str());
    stream.start = Position{row[14].as<std::int64_t>()};
    return stream;
}

std::vector<Stream> to_streams(const pqxx::result& rows) {
    std::vector<Stream> streams;
    streams.reserve(rows.size());
    for (const auto& row : rows) streams.push_back(to_stream(row));
    return streams;
}

/// The retention as an interval that PostgreSQL adds to created_at; nothing for permanent.
std::optional<std::string> to_interval(const Retention& retention) {
    if (retention.is_permanent()) return std::nullopt;
    if (retention.is_ephemeral()) return "60 seconds";
    static constexpr const char* kUnits[] = {"seconds", "minutes", "hours", "days",
                                             "weeks",   "months",  "years"};
    return fmt::format("{} {}", retention.count, kUnits[static_cast<std::size_t>(retention.unit)]);
}

}  // namespace

std::vector<EventTypePtr> read_types(Transaction& transaction) {
    std::vector<EventTypePtr> types;
    for (const auto& row : transaction.query(kTypes)) {
        types.push_back(std::make_shared<const EventType>(to_type(row).type));
    }
    return types;
}

std::optional<TypeRow> find_type(Transaction& transaction, std::string_view name) {
    const pqxx::result rows = transaction.query(kTypeByName, std::string(name));
    if (rows.empty()) return std::nullopt;
    return to_type(rows[0]);
}

EventType write_type(Transaction& transaction, const EventType& type, bool is_new) {
    const std::optional<std::string> interval = to_interval(type.retention);
    const bool is_ephemeral = type.retention.is_ephemeral();
    const int retention_class = is_ephemeral ? 0 : retention_class_of(type.retention).id;
    const pqxx::result rows = transaction.query(
        is_new ? kInsertType : kUpdateType, type.name, to_string(type.retention),
        interval ? interval->c_str() : nullptr, retention_class, is_ephemeral, type.schema_text);
    return to_type(rows.at(0)).type;
}

void mark_type_removed(Transaction& transaction, TypeId type) {
    transaction.query(kRemoveType, type.value);
}

std::vector<Stream> read_streams(Transaction& transaction) {
    return to_streams(transaction.query(kStreams));
}

std::vector<Stream> read_streams_of(Transaction& transaction, TypeId owner) {
    return to_streams(transaction.query(kStreamsOf, owner.value));
}

void lock_streams_of(Transaction& transaction, TypeId owner) {
    transaction.query(kLockStreamsOf, owner.value);
}

std::optional<Stream> find_stream(Transaction& transaction, StreamId id) {
    const pqxx::result rows = transaction.query(kStream, id.value);
    if (rows.empty()) return std::nullopt;
    return to_stream(rows[0]);
}

Stream insert_stream(Transaction& transaction, TypeId owner, const StreamDefinition& definition,
                     Cursor start) {
    transaction.query(kTellOfFreeStream);
    return to_stream(transaction
                         .query(kInsertStream, owner.value, definition.name, definition.source,
                                definition.destination, std::string(to_string(definition.order)),
                                definition.types.to_text(), start.position.value, to_sql(start.at))
                         .at(0));
}

Stream update_stream(Transaction& transaction, StreamId id, const StreamDefinition& definition) {
    return to_stream(transaction
                         .query(kUpdateStream, id.value, definition.source, definition.destination,
                                std::string(to_string(definition.order)), definition.types.to_text())
                         .at(0));
}

Stream pause_stream(Transaction& transaction, StreamId id, bool is_paused) {
    return to_stream(transaction.query(kPauseStream, id.value, is_paused).at(0));
}

void delete_stream(Transaction& transaction, StreamId id) {
    transaction.query(kDeleteStream, id.value);
}

}  // namespace headwater::postgres
