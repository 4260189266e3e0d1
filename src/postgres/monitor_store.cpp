#include "postgres/monitor_store.hpp"

#include <fmt/format.h>

#include "postgres/binary_array.hpp"
#include "postgres/sql_text.hpp"

namespace headwater::postgres {
namespace {

constexpr std::string_view kFind = "select * from headwater.monitor_rows where monitor_id = $1";
constexpr std::string_view kList =
    "select * from headwater.monitor_rows where monitor_id > $1 order by monitor_id limit $2";
// Against drop_unused_notices(), which takes it too.
constexpr std::string_view kLockRegistry = "select pg_advisory_xact_lock(7450489202)";
constexpr std::string_view kInsert =
    "insert into headwater.monitors (name, description, every, threshold, period, key_hash) "
    "values ($1, $2, $3, $4, $5::interval, $6::uuid) returning monitor_id";
constexpr std::string_view kChange =
    "update headwater.monitors m set name = $2, description = $3, every = $4, threshold = $5, period = "
    "$6::interval, "
    "due_at = case when due_at is not null then headwater.monitor_due(greatest(checked_in_at, status_since), "
    "$6::interval) end, "
    "look_at = case when due_at is not null then least(look_at, "
    "headwater.monitor_due(greatest(checked_in_at, "
    "status_since), $6::interval)) end, "
    "version = version + 1, updated_at = clock_timestamp() where monitor_id = $1 returning monitor_id";
constexpr std::string_view kForgetNotices = "delete from headwater.monitor_notices where monitor_id = $1";
constexpr std::string_view kAddNotices =
    "insert into headwater.monitor_notices (monitor_id, stream_id, place) "
    "select $1, n.stream_id, n.place from unnest($2::bigint[]) with ordinality as n(stream_id, place) "
    "on conflict do nothing";
constexpr std::string_view kRemove = "delete from headwater.monitors where monitor_id = $1";
constexpr std::string_view kSetKey =
    "update headwater.monitors set key_hash = $2::uuid, version = version + 1, updated_at = "
    "clock_timestamp() "
    "where monitor_id = $1";
constexpr std::string_view kPause =
    "update headwater.monitors m set is_paused = $2, "
    "due_at = case when status = 'Ok' and not $2 then headwater.monitor_due(statement_timestamp(), period) "
    "end, "
    "look_at = case when status = 'Ok' and not $2 then headwater.monitor_due(statement_timestamp(), period) "
    "end, "
    "version = version + 1, updated_at = clock_timestamp() where monitor_id = $1 and is_paused <> $2";
constexpr std::string_view kFlips =
    "select headwater.to_micros(at), from_status, to_status, reason, event_id from headwater.monitor_flips "
    "where monitor_id = $1 order by flip_id desc limit $2";
constexpr std::string_view kDropUnused = "select headwater.drop_unused_notices($1::bigint[])";

std::string to_uuid(const Digest& digest) {
    std::string hex;
    for (const unsigned char byte : digest) hex += fmt::format("{:02x}", byte);
    return hex;
}

template <class Ids>
pqxx::binarystring to_array(const Ids& ids) {
    BinaryArray array(BinaryArray::Element::int8);
    for (const auto id : ids) array.add(id.value);
    return array.take();
}

std::optional<Timestamp> time_at(const pqxx::row& row, pqxx::row::size_type column) {
    if (row[column].is_null()) return std::nullopt;
    return from_micros(row[column].as<std::int64_t>());
}

Monitor to_monitor(const pqxx::row& row) {
    Monitor monitor;
    monitor.id = MonitorId{row[0].as<std::int64_t>()};
    monitor.definition.name = row[1].c_str();
    monitor.definition.description = row[2].c_str();
    monitor.definition.rule = {parse_retention(row[3].c_str()).value(), row[4].as<int>()};
    monitor.status = parse_monitor_status(row[5].c_str()).value();
    monitor.status_since = time_at(row, 6).value();
    monitor.is_paused = row[7].as<bool>();
    monitor.checked_in_at = time_at(row, 8);
    monitor.due_at = time_at(row, 9);
    for (const auto at : split_sql_array(row[10].is_null() ? "" : row[10].c_str()))
        monitor.check_ins.push_back(from_micros(parse_int64(at)));
    for (const auto id : split_sql_array(row[11].is_null() ? "" : row[11].c_str()))
        monitor.definition.notices.push_back(StreamId{parse_int64(id)});
    monitor.version = row[12].as<std::int64_t>();
    monitor.created_at = time_at(row, 13).value();
    monitor.updated_at = time_at(row, 14).value();
    return monitor;
}

template <class Session>
std::optional<Monitor> find_in(Session& session, MonitorId id) {
    const pqxx::result rows = session.query(kFind, id.value);
    if (rows.empty()) return std::nullopt;
    return to_monitor(rows[0]);
}

}  // namespace

Monitor PostgresMonitorStore::create(const MonitorDefinition& definition, const Digest& key) {
    return pool_.run([&](Connection& connection) {
        Transaction transaction(connection);
        transaction.query(kLockRegistry);
        const auto& rule = definition.rule;
        const MonitorId id{transaction
                               .query(kInsert, definition.name, definition.description, to_string(rule.every),
                                      rule.threshold, rule.period(), to_uuid(key))
                               .at(0)[0]
                               .as<std::int64_t>()};
        transaction.query(kAddNotices, id.value, to_array(definition.notices));
        Monitor made = find_in(transaction, id).value();
        transaction.commit();
        return made;
    });
}

std::optional<Monitor> PostgresMonitorStore::find(MonitorId id) {
    return pool_.run([&](Connection& connection) { return find_in(connection, id); });
}

std::vector<Monitor> PostgresMonitorStore::list(MonitorId after, std::size_t limit) {
    return pool_.run([&](Connection& connection) {
        std::vector<Monitor> monitors;
        for (const auto& row : connection.query(kList, after.value, static_cast<std::int64_t>(limit)))
            monitors.push_back(to_monitor(row));
        return monitors;
    });
}

std::optional<Monitor> PostgresMonitorStore::change(MonitorId id, const MonitorDefinition& definition) {
    return pool_.run([&](Connection& connection) -> std::optional<Monitor> {
        Transaction transaction(connection);
        transaction.query(kLockRegistry);
        const auto& rule = definition.rule;
        const auto changed = transaction.query(kChange, id.value, definition.name, definition.description,
                                               to_string(rule.every), rule.threshold, rule.period());
        if (changed.empty()) return std::nullopt;
        transaction.query(kForgetNotices, id.value);
        transaction.query(kAddNotices, id.value, to_array(definition.notices));
        auto stored = find_in(transaction, id);
        transaction.commit();
        return stored;
    });
}

bool PostgresMonitorStore::remove(MonitorId id) {
    return pool_.run(
        [&](Connection& connection) { return connection.query(kRemove, id.value).affected_rows() > 0; });
}

bool PostgresMonitorStore::set_key(MonitorId id, const Digest& key) {
    return pool_.run([&](Connection& connection) {
        return connection.query(kSetKey, id.value, to_uuid(key)).affected_rows() > 0;
    });
}

std::optional<Monitor> PostgresMonitorStore::set_paused(MonitorId id, bool is_paused) {
    return pool_.run([&](Connection& connection) {
        connection.query(kPause, id.value, is_paused);
        return find_in(connection, id);
    });
}

std::vector<MonitorFlip> PostgresMonitorStore::flips(MonitorId id, std::size_t limit) {
    return pool_.run([&](Connection& connection) {
        std::vector<MonitorFlip> flips;
        for (const auto& row : connection.query(kFlips, id.value, static_cast<std::int64_t>(limit))) {
            MonitorFlip flip{.at = from_micros(row[0].as<std::int64_t>()),
                             .from = parse_monitor_status(row[1].c_str()).value(),
                             .to = parse_monitor_status(row[2].c_str()).value(),
                             .reason = row[3].c_str(),
                             .event = std::nullopt};
            if (!row[4].is_null()) flip.event = EventId{row[4].as<std::int64_t>()};
            flips.push_back(std::move(flip));
        }
        return flips;
    });
}

bool PostgresMonitorStore::drop_unused(std::span<const StreamId> streams) {
    if (streams.empty()) return false;
    return pool_.run([&](Connection& connection) {
        return connection.query(kDropUnused, to_array(streams)).at(0)[0].as<std::int64_t>() > 0;
    });
}

}  // namespace headwater::postgres
