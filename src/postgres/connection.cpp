#include "postgres/connection.hpp"

#include <fmt/format.h>

#include "postgres/sql_text.hpp"

namespace headwater::postgres {
namespace {

void forbid_reopening(pqxx::connection& connection) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    connection.inhibit_reactivation(true);  // deprecated without a substitute
#pragma GCC diagnostic pop
}

// Reads go over indexes in the order that they want. A partition that was filled a moment ago has no
// statistics yet, and PostgreSQL would now and then rather sort the whole of it.
constexpr const char* kFreshPlans =
    "set plan_cache_mode = force_custom_plan; set enable_seqscan = off; set enable_bitmapscan = off";
constexpr const char* kCachedPlans = "set plan_cache_mode = auto";

// In microseconds; a bound that is no time bounds nothing.
constexpr std::string_view kPartitions =
    "select coalesce((extract(epoch from substring(bound from 'FROM \\(''([^'']*)')::timestamptz) * "
    "1000000)::bigint, 0), "
    "coalesce((extract(epoch from substring(bound from 'TO \\(''([^'']*)')::timestamptz) * "
    "1000000)::bigint, 9e15::bigint) "
    "from (select pg_get_expr(c.relpartbound, c.oid) as bound from pg_inherits class "
    "join pg_inherits partition on partition.inhparent = class.inhrelid "
    "join pg_class c on c.oid = partition.inhrelid "
    "where class.inhparent = to_regclass('headwater.events')) bounds";
constexpr std::chrono::seconds kPartitionsPause{60};
// Texts that name a period of time grow in number.
constexpr std::size_t kMaxPrepared = 400;
constexpr std::uint64_t kUsesBeforeKept = 5;  // as PostgreSQL itself

const char* planner_settings(PlanCache plans) {
    return plans == PlanCache::fresh ? kFreshPlans : kCachedPlans;
}

}  // namespace

Connection::Connection(const ConnectionSettings& settings)
    : plans_(settings.plans), call_limit_(settings.statement_timeout + settings.silence) {
    translated([&] {
        connection_ = std::make_unique<pqxx::connection>(to_conninfo(settings));
        forbid_reopening(*connection_);
        if (settings.watchdog) {
            watched_ = std::make_unique<CallWatchdog::Session>(settings.watchdog, connection_->sock());
        }
        const CallWatchdog::Call call = watch();
        silence_ = std::make_unique<pqxx::quiet_errorhandler>(*connection_);
        pqxx::nontransaction transaction(*connection_);
        transaction.exec(fmt::format(
            "set synchronous_commit = on; set timezone = 'UTC'; set datestyle = 'ISO'; set bytea_output = "
            "'hex';"
            "set standard_conforming_strings = on; set default_transaction_isolation = 'read committed';"
            "set client_min_messages = 'warning'; set jit = off; set work_mem = '16MB';"
            "set statement_timeout = {}; set lock_timeout = {}; set idle_in_transaction_session_timeout = {};"
            "{}",
            settings.statement_timeout.count(), settings.lock_timeout.count(), 30'000,
            planner_settings(settings.plans)));
    });
}

void Connection::run(const std::string& sql) {
    const CallWatchdog::Call call = watch();
    translated([&] { pqxx::nontransaction(*connection_).exec(sql); });
}

bool Connection::is_open() const {
    return connection_->is_open();
}

const std::string& Connection::prepared(std::string_view sql) {
    return find_prepared(sql).name;
}

Connection::Prepared& Connection::find_prepared(std::string_view sql) {
    const auto known = prepared_.find(sql);
    if (known != prepared_.end()) return known->second;
    const std::string name = fmt::format("s{}", ++prepared_count_);
    connection_->prepare(name, std::string(sql));
    return prepared_.emplace(sql, Prepared{name}).first->second;
}

const std::string& Connection::prepared_for(const Statement& statement) {
    if (prepared_.size() >= kMaxPrepared) {
        for (const auto& [sql, known] : prepared_) connection_->unprepare(known.name);
        prepared_.clear();
    }
    Prepared& known = find_prepared(statement.sql);
    if (plans_ != PlanCache::fresh || statement.log_scans == 0) return known.name;
    const bool keeps = statement.log_scans <= kMaxKeptScans && ++known.uses > kUsesBeforeKept;
    if (keeps != is_keeping_) {
        pqxx::nontransaction(*connection_)
            .exec(keeps ? "set plan_cache_mode = force_generic_plan"
                        : "set plan_cache_mode = force_custom_plan");
        is_keeping_ = keeps;
    }
    return known.name;
}

const std::vector<TimeRange>& Connection::log_partitions() {
    const auto now = std::chrono::steady_clock::now();
    if (now < next_look_) return log_partitions_;
    std::vector<TimeRange> partitions;
    for (const auto& row : query(kPartitions))
        partitions.push_back(
            {from_micros(row[0].as<std::int64_t>()), from_micros(row[1].as<std::int64_t>())});
    log_partitions_ = std::move(partitions);
    next_look_ = now + kPartitionsPause;
    return log_partitions_;
}

Transaction::Transaction(Connection& connection)
    : connection_(connection), work_(translated([&] {
          const CallWatchdog::Call call = connection.watch();
          return std::make_unique<pqxx::work>(connection.raw());
      })) {}

void Transaction::run(const std::string& sql) {
    const CallWatchdog::Call call = connection_.watch();
    translated([&] { work_->exec(sql); });
}

void Transaction::commit() {
    const CallWatchdog::Call call = connection_.watch();
    translated([&] { work_->commit(); });
}

}  // namespace headwater::postgres
