#include "postgres/database.hpp"

#include "core/log.hpp"
#include "postgres/ack_store.hpp"
#include "postgres/call_watchdog.hpp"
#include "postgres/connection_pool.hpp"
#include "postgres/delivery_store.hpp"
#include "postgres/feed_reader.hpp"
#include "postgres/key_store.hpp"
#include "postgres/lease_store.hpp"
#include "postgres/log_reader.hpp"
#include "postgres/log_times.hpp"
#include "postgres/log_writer.hpp"
#include "postgres/migrations.hpp"
#include "postgres/monitor_store.hpp"
#include "postgres/monitor_writers.hpp"
#include "postgres/partitions.hpp"
#include "postgres/registry_store.hpp"
#include "postgres/retention_keeper.hpp"
#include "postgres/room_store.hpp"
#include "postgres/sql_text.hpp"
#include "postgres/type_catalog.hpp"

namespace headwater::postgres {
namespace {

constexpr std::string_view kIsWritable =
    "select not pg_is_in_recovery() and current_setting('transaction_read_only') = 'off'";
constexpr std::string_view kNow = "select headwater.to_micros(clock_timestamp())";

}  // namespace

struct Database::Parts {
    ConnectionPool pool;
    TypeCatalog types;
    LogTimes times;
    PostgresLogReader log_reader{pool, types, times};
    PostgresFeedReader feed_reader{pool, types, times};
    PostgresAckStore ack_store{pool, types};
    PostgresRegistryStore registry_store{pool, types};
    ConnectionPool owners;
    SaveNumbers save_numbers;
    PostgresDeliveryStore delivery_store{pool, owners, save_numbers};
    PostgresLeaseStore lease_store{owners, save_numbers};
    PostgresMonitorStore monitor_store{pool};
    PostgresKeyStore key_store{pool};
    PostgresRoomStore room_store{pool};

    Parts(ConnectionSettings for_readers, std::size_t reader_count, ConnectionSettings for_owners,
          std::size_t owner_count)
        : pool(std::move(for_readers), reader_count), owners(std::move(for_owners), owner_count) {}
};

Database::Database(DatabaseOptions options)
    : options_(std::move(options)),
      watchdog_(std::make_shared<CallWatchdog>()),
      parts_(std::make_unique<Parts>(settings_for("reader"), options_.readers, owner_settings(),
                                     options_.owners)) {
    static_cast<void>(to_conninfo(settings_for("")));  // a mistake in the url is found at once
}

Database::~Database() = default;

ConnectionSettings Database::settings_for(const char* purpose) const {
    ConnectionSettings settings;
    settings.url = options_.url;
    settings.application_name = std::string("headwater ") + purpose;
    settings.statement_timeout = options_.statement_timeout;
    settings.watchdog = watchdog_;
    return settings;
}

ConnectionSettings Database::owner_settings() const {
    ConnectionSettings settings = settings_for("streams");
    settings.statement_timeout = options_.owner_timeout;
    return settings;
}

void Database::migrate() {
    postgres::migrate(settings_for("migrations"));
    parts_->pool.run([](Connection& connection) { make_partitions_ahead(connection); });
}

std::unique_ptr<LogWriter> Database::make_log_writer() const {
    ConnectionSettings settings = settings_for("appender");
    settings.statement_timeout = options_.append_timeout;
    settings.plans = PlanCache::cached;
    return std::make_unique<PostgresLogWriter>(std::move(settings));
}

LogReader& Database::log_reader() {
    return parts_->log_reader;
}
FeedReader& Database::feed_reader() {
    return parts_->feed_reader;
}
AckStore& Database::ack_store() {
    return parts_->ack_store;
}
RegistryStore& Database::registry_store() {
    return parts_->registry_store;
}

DeliveryStore& Database::delivery_store() {
    return parts_->delivery_store;
}
LeaseStore& Database::lease_store() {
    return parts_->lease_store;
}

MonitorStore& Database::monitor_store() {
    return parts_->monitor_store;
}

KeyStore& Database::key_store() {
    return parts_->key_store;
}

RoomStore& Database::room_store() {
    return parts_->room_store;
}

std::unique_ptr<RoomChangeWriter> Database::make_room_change_writer() const {
    ConnectionSettings settings = settings_for("rooms");
    settings.plans = PlanCache::cached;
    return std::make_unique<PostgresRoomChangeWriter>(std::move(settings));
}

std::unique_ptr<CheckInWriter> Database::make_check_in_writer() const {
    ConnectionSettings settings = settings_for("check-ins");
    settings.plans = PlanCache::cached;
    return std::make_unique<PostgresCheckInWriter>(std::move(settings));
}

std::unique_ptr<LateMonitors> Database::make_late_monitors() const {
    ConnectionSettings settings = settings_for("monitors");
    settings.plans = PlanCache::cached;
    return std::make_unique<PostgresLateMonitors>(std::move(settings));
}

std::unique_ptr<Listener> Database::make_listener(Listener::Callbacks callbacks) const {
    return std::make_unique<Listener>(settings_for("listener"), std::move(callbacks));
}

std::unique_ptr<RetentionKeeper> Database::make_keeper(
    std::function<void(const std::map<std::string, std::int64_t>&)> loss_report) const {
    return std::make_unique<RetentionKeeper>(settings_for("keeper"), std::move(loss_report));
}

bool Database::is_writable_primary() noexcept {
    try {
        return parts_->pool.run(
            [](Connection& connection) { return connection.query(kIsWritable).at(0)[0].as<bool>(); });
    } catch (const std::exception& error) {
        log::debug("postgres.not_ready", {{"error", error.what()}});
        return false;
    }
}

Timestamp Database::clock_now() {
    return parts_->pool.run([](Connection& connection) {
        return from_micros(connection.query(kNow).at(0)[0].as<std::int64_t>());
    });
}

}  // namespace headwater::postgres
