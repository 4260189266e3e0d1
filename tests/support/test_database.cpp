#include "tests/support/test_database.hpp"

#include "core/log.hpp"

namespace headwater::testing {

PostgresServer& shared_postgres() {
    static PostgresServer server;
    return server;
}

TestDatabase::TestDatabase()
    : url_(shared_postgres().create_database()),
      database_(std::make_unique<postgres::Database>(postgres::DatabaseOptions{.url = url_})),
      sql_(postgres::ConnectionSettings{.url = url_, .application_name = "test"}) {
    log::set_level(log::Level::warn);
    database_->migrate();
}

postgres::ConnectionSettings TestDatabase::settings() const {
    return {.url = url_, .application_name = "test"};
}

std::int64_t TestDatabase::number(const std::string& query) {
    const auto rows = sql_.query(query);
    return rows.empty() || rows[0][0].is_null() ? 0 : rows[0][0].as<std::int64_t>();
}

EventTypePtr TestDatabase::register_type(const std::string& name, std::string_view ttl) {
    Registration registration;
    registration.type = name;
    registration.retention = parse_retention(ttl).value();
    return std::make_shared<const EventType>(database_->registry_store().put(registration).value().type);
}

}  // namespace headwater::testing
