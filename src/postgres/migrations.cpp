#include "postgres/migrations.hpp"

#include <fmt/format.h>

#include "core/log.hpp"
#include "postgres/connection.hpp"
#include "postgres/sql_text.hpp"

namespace headwater::postgres {
namespace {

constexpr std::string_view kLock = "select pg_advisory_xact_lock(7450489204)";
constexpr const char* kFoundation =
    "create schema if not exists headwater;"
    "create table if not exists headwater.migrations ("
    " version integer primary key, name text not null, applied_at timestamptz not null default "
    "clock_timestamp())";
constexpr std::string_view kStored = "select coalesce(max(version), 0) from headwater.migrations";
constexpr std::string_view kRecord = "insert into headwater.migrations (version, name) values ($1, $2)";
constexpr std::string_view kSetting = "select current_setting($1, true)";

int version_of(const EmbeddedFile& file) {
    return static_cast<int>(parse_int64(file.name.substr(0, file.name.find('_'))));
}

/// 2xx means durable: a server that may lose commits is not one to store events on.
void check_durability(Connection& connection) {
    for (const char* name : {"fsync", "full_page_writes"}) {
        const pqxx::result rows = connection.query(kSetting, name);
        if (rows[0][0].is_null()) {
            log::warn("postgres.setting_hidden", {{"name", name}});
        } else if (std::string_view(rows[0][0].c_str()) != "on") {
            throw DatabaseRefused(
                fmt::format("PostgreSQL runs with {}=off and could lose stored events; switch it on.", name));
        }
    }
}

void prepare(Connection& connection) {
    Transaction transaction(connection);
    transaction.query(kLock);
    transaction.run(kFoundation);
    transaction.commit();
}

void check_version(int stored, int ours) {
    if (stored <= ours + 1) return;
    throw DatabaseRefused(fmt::format(
        "The database has schema version {}, and this headwater knows only up to {}: run a newer one.",
        stored, ours));
}

/// Returns false when the file had been applied before.
bool apply(Connection& connection, const EmbeddedFile& file) {
    Transaction transaction(connection);
    transaction.query(kLock);
    const int stored = transaction.query(kStored).at(0)[0].as<int>();
    if (stored >= version_of(file)) return false;
    transaction.run(std::string(file.text));
    transaction.query(kRecord, version_of(file), std::string(file.name));
    transaction.commit();
    return true;
}

}  // namespace

void migrate(const ConnectionSettings& settings, std::span<const EmbeddedFile> files) {
    ConnectionSettings patient = settings;
    patient.statement_timeout = std::chrono::minutes(10);
    Connection connection(patient);
    check_durability(connection);
    prepare(connection);
    const int ours = files.empty() ? 0 : version_of(files.back());
    check_version(connection.query(kStored).at(0)[0].as<int>(), ours);
    for (const EmbeddedFile& file : files) {
        if (apply(connection, file)) log::info("schema.migrated", {{"file", file.name}});
    }
}

}  // namespace headwater::postgres
