#include "postgres/partitions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/log.hpp"
#include "postgres/connection.hpp"
#include "postgres/patient_ddl.hpp"
#include "postgres/sql_text.hpp"

namespace headwater::postgres {

using namespace std::chrono;

namespace {

constexpr int kAhead = 3;
// What a stream delivered just before it expired is saved by then, and is not counted as lost.
constexpr seconds kGrace{5};

constexpr std::string_view kClassesInUse =
    "select distinct class from headwater.event_types where removed_at is null and class > 0";
// Events are stored under the log's clock, which may stand before PostgreSQL's.
constexpr std::string_view kNow =
    "select greatest((select last_value from headwater.log_clock), headwater.to_micros(clock_timestamp()))";
constexpr std::string_view kRealNow = "select headwater.to_micros(clock_timestamp())";
// Those of our own: what an operator has attached by another name is not ours to drop.
constexpr std::string_view kPartitionsOf =
    "select c.relname, i.inhdetachpending from pg_inherits i join pg_class c on c.oid = i.inhrelid "
    "where i.inhparent = to_regclass('headwater.' || $1) and c.relname ~ ('^' || $1 || "
    "'_[0-9]{8}_[0-9]{6}$') order by c.relname";
// A partition that was made and never attached, or detached and never dropped.
constexpr std::string_view kStrays =
    "select c.relname from pg_class c where c.relnamespace = 'headwater'::regnamespace and c.relkind = 'r' "
    "and not c.relispartition and c.relname ~ ('^' || $1 || '_[0-9]{8}_[0-9]{6}$') order by c.relname";

constexpr std::string_view kStreamsBefore =
    "select stream_id from headwater.streams where cursor_at < $1::timestamptz order by stream_id";
constexpr std::string_view kCountExpired =
    "select headwater.count_expired($1, $2::smallint, $3::timestamptz, $4::timestamptz)";

Timestamp now(Connection& connection, std::string_view sql) {
    return from_micros(connection.query(sql).at(0)[0].as<std::int64_t>());
}

std::string partition_name(const PartitionedTable& table, sys_seconds begin) {
    const auto day = floor<days>(begin);
    const year_month_day date{day};
    const hh_mm_ss time{begin - day};
    return fmt::format("{}_{:04}{:02}{:02}_{:02}{:02}{:02}", table.name, static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       time.hours().count(), time.minutes().count(), time.seconds().count());
}

/// The begin that partition_name() wrote into the name.
sys_seconds begin_of(std::string_view name) {
    const std::string_view text = name.substr(name.size() - 15);
    const auto number = [&](std::size_t at, std::size_t size) {
        return static_cast<int>(parse_int64(text.substr(at, size)));
    };
    const year_month_day date{year{number(0, 4)}, month{static_cast<unsigned>(number(4, 2))},
                              day{static_cast<unsigned>(number(6, 2))}};
    return sys_days{date} + hours{number(9, 2)} + minutes{number(11, 2)} + seconds{number(13, 2)};
}

struct Existing {
    std::set<std::string> attached;
    std::set<std::string> pending;  ///< a concurrent detach that was interrupted
};

Existing partitions_of(Connection& connection, const PartitionedTable& table) {
    Existing existing;
    for (const auto& row : connection.query(kPartitionsOf, table.name)) {
        (row[1].as<bool>() ? existing.pending : existing.attached).insert(row[0].c_str());
    }
    return existing;
}

/// One session at a time makes partitions. Dropping them is another lock's affair, since it may wait for slow
/// readers.
class MakingLock {
  public:
    explicit MakingLock(Connection& connection) : connection_(connection) {
        connection_.query("select pg_advisory_lock(7450489203)");
    }
    ~MakingLock() {
        try {
            connection_.query("select pg_advisory_unlock(7450489203)");
        } catch (const Unavailable&) {  // the session is gone, and the lock with it
        }
    }
    MakingLock(const MakingLock&) = delete;
    MakingLock& operator=(const MakingLock&) = delete;

  private:
    Connection& connection_;
};

void make_partition(Connection& connection, const PartitionedTable& table, sys_seconds begin) {
    const std::string name = partition_name(table, begin);
    const std::string create = fmt::format(
        "create table if not exists headwater.{} (like headwater.{} including all)", name, table.name);
    const std::string attach =
        fmt::format("alter table headwater.{} attach partition headwater.{} for values from ('{}') to ('{}')",
                    table.name, name, to_sql(begin), to_sql(begin + table.width));
    if (!run_patiently(connection, create) || !run_patiently(connection, attach)) {
        throw Unavailable("partition " + name + " could not be made");
    }
}

std::vector<sys_seconds> missing_partitions(Connection& connection, const PartitionedTable& table,
                                            Timestamp moment) {
    const Existing existing = partitions_of(connection, table);
    const sys_seconds current{floor<seconds>(moment.time_since_epoch()) / table.width * table.width};
    std::vector<sys_seconds> missing;
    for (int i = 0; i <= kAhead; ++i) {
        const sys_seconds begin = current + i * table.width;
        if (!existing.attached.contains(partition_name(table, begin))) missing.push_back(begin);
    }
    return missing;
}

void make_ahead_from(Connection& connection, const PartitionedTable& table, Timestamp moment) {
    if (missing_partitions(connection, table, moment).empty()) return;
    const MakingLock lock(connection);
    for (const sys_seconds begin : missing_partitions(connection, table, moment))
        make_partition(connection, table, begin);
}

/// Each stream whose cursor stands before the partition's end notes what it loses there, in a transaction of
/// its own. Counting twice is prevented there, so that an interrupted round can be repeated.
void count_expired(Connection& connection, const PartitionedTable& table, sys_seconds begin) {
    if (table.class_id == 0) return;
    const std::string end = to_sql(begin + table.width);
    for (const auto& row : connection.query(kStreamsBefore, end)) {
        connection.query(kCountExpired, row[0].as<std::int64_t>(), table.class_id, to_sql(begin), end);
    }
}

/// Drops expired partitions until the time is up.
class Drops {
  public:
    Drops(Connection& connection, Timestamp moment, steady_clock::duration budget)
        : connection_(connection), moment_(moment), budget_(budget) {}

    void drop_of(const PartitionedTable& table) {
        if (table.longest == seconds::max()) return;
        const Existing existing = partitions_of(connection_, table);
        const std::string alter = "alter table headwater." + table.name + " detach partition headwater.";
        for (const std::string& name : existing.pending)
            run_patiently(connection_, alter + name + " finalize");
        for (const auto& row : connection_.query(kStrays, table.name)) drop(table, row[0].c_str());
        for (const std::string& name : existing.attached) {
            if (!is_over(table, name)) continue;
            if (is_time_up()) return;
            count_expired(connection_, table, begin_of(name));
            if (run_patiently(connection_, alter + name + " concurrently")) drop(table, name);
        }
    }

    [[nodiscard]] DroppedPartitions outcome() const {
        return {dropped_, steady_clock::now() - begun_, !is_cut_short_};
    }

  private:
    [[nodiscard]] bool is_over(const PartitionedTable& table, const std::string& name) const {
        return begin_of(name) + table.width + table.longest + kGrace < moment_;
    }

    bool is_time_up() {
        is_cut_short_ = is_cut_short_ || (dropped_ > 0 && steady_clock::now() - begun_ >= budget_);
        return is_cut_short_;
    }

    void drop(const PartitionedTable& table, const std::string& name) {
        if (!is_over(table, name) || is_time_up()) return;
        if (run_patiently(connection_, "drop table if exists headwater." + name))
            log::debug("partition.dropped", {{"table", table.name}, {"partition", name}});
        ++dropped_;
    }

    Connection& connection_;
    const Timestamp moment_;
    const steady_clock::duration budget_;
    const steady_clock::time_point begun_ = steady_clock::now();
    std::size_t dropped_ = 0;
    bool is_cut_short_ = false;
};

}  // namespace

PartitionedTable partitioned_table_of(const RetentionClass& retention_class) {
    return {"events_" + std::string(retention_class.name), retention_class.width, retention_class.longest,
            retention_class.id};
}

PartitionedTable idempotency_table() {
    // Each lookup of a key probes every partition of the last 24 hours: three of 12 hours, not nine of three.
    return {"idempotency", hours{12}, hours{24}};
}

void make_partitions_ahead(Connection& connection, const PartitionedTable& table) {
    make_ahead_from(connection, table, now(connection, kNow));
}

void make_partitions_ahead(Connection& connection) {
    const Timestamp moment = now(connection, kNow);
    make_ahead_from(connection, idempotency_table(), moment);
    std::set<int> used;
    for (const auto& row : connection.query(kClassesInUse)) used.insert(row[0].as<int>());
    for (const RetentionClass& rung : retention_classes()) {
        if (used.contains(rung.id)) make_ahead_from(connection, partitioned_table_of(rung), moment);
    }
}

DroppedPartitions drop_expired_partitions(Connection& connection, steady_clock::duration budget) {
    Drops drops(connection, now(connection, kRealNow), budget);
    drops.drop_of(idempotency_table());
    for (const RetentionClass& rung : retention_classes()) drops.drop_of(partitioned_table_of(rung));
    return drops.outcome();
}

}  // namespace headwater::postgres
