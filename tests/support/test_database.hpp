#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

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
    /// The same database through a TcpProxy to the shared server's socket.
    [[nodiscard]] std::string url_through(std::uint16_t proxy_port) const;
    [[nodiscard]] postgres::ConnectionSettings settings() const;
    [[nodiscard]] postgres::Connection& sql() { return sql_; }

    /// The first column of the first row as a number; 0 when there is none.
    [[nodiscard]] std::int64_t number(const std::string& query);

    /// Registers the type, or changes its ttl.
    EventTypePtr register_type(const std::string& name, std::string_view ttl = "permanent");

    /// Appends in one batch, over a writer of the database's own.
    AppendResult append(const std::vector<NewEvent>& events);

  private:
    std::string url_;
    std::unique_ptr<postgres::Database> database_;
    postgres::Connection sql_;
    std::unique_ptr<LogWriter> writer_;
    std::int64_t batches_ = 0;
};

/// Appends a batch under the number that is given.
AppendResult append_to(LogWriter& writer, std::int64_t process, std::int64_t number,
                       const std::vector<NewEvent>& events);

}  // namespace headwater::testing
