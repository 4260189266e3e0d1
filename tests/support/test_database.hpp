#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "postgres/connection.hpp"
#include "postgres/database.hpp"
#include "tests/support/postgres_server.hpp"

namespace headwater::testing {

/// The PostgreSQL that all tests of one run of the binary share. Started by the first test that asks.
[[nodiscard]] PostgresServer& shared_postgres();

/// A migrated database of its own on the shared server, and a session beside Headwater's to look and to break
/// things with.
class TestDatabase {
  public:
    TestDatabase();

    [[nodiscard]] postgres::Database& database() { return *database_; }
    [[nodiscard]] postgres::Database* operator->() { return database_.get(); }
    [[nodiscard]] const std::string& url() const { return url_; }
    [[nodiscard]] postgres::ConnectionSettings settings() const;
    [[nodiscard]] postgres::Connection& sql() { return sql_; }

    /// The first column of the first row as a number; 0 when there is none.
    [[nodiscard]] std::int64_t number(const std::string& query);

    /// Registers the type, or changes its ttl.
    EventTypePtr register_type(const std::string& name, std::string_view ttl = "permanent");

  private:
    std::string url_;
    std::unique_ptr<postgres::Database> database_;
    postgres::Connection sql_;
};

}  // namespace headwater::testing
