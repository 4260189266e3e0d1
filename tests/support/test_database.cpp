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

std::string TestDatabase::url_through(std::uint16_t proxy_port) const {
    const std::string name = url_.substr(0, url_.find('?')).substr(url_.rfind('/', url_.find('?')) + 1);
    const std::string server = shared_postgres().url_through(proxy_port);
    return server.substr(0, server.rfind('/') + 1) + name;
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

AppendResult TestDatabase::append(const std::vector<NewEvent>& events) {
    if (!writer_) writer_ = database_->make_log_writer();
    return append_to(*writer_, 1'000'000, ++batches_, events);
}

AppendResult append_to(LogWriter& writer, std::int64_t process, std::int64_t number,
                       const std::vector<NewEvent>& events) {
    std::vector<const NewEvent*> pointers;
    pointers.reserve(events.size());
    for (const NewEvent& event : events) pointers.push_back(&event);
    return writer.append({process, number, pointers});
}

}  // namespace headwater::testing
