#pragma once

#include <filesystem>
#include <memory>

#include "app/options.hpp"
#include "core/appender.hpp"
#include "postgres/database.hpp"
#include "postgres/embedded_server.hpp"

namespace headwater::app {

/// The database that the options name: a private PostgreSQL that is started and stopped with this object, or
/// a given one. Its schema is up to date once this is constructed.
class Storage {
  public:
    /// Throws std::exception with one sentence when PostgreSQL cannot be started, reached or used.
    explicit Storage(const ServeOptions& options);

    [[nodiscard]] postgres::Database& database() { return *database_; }
    /// Of the private PostgreSQL; a given one sees to its own disk. Any thread.
    [[nodiscard]] DiskState disk() const noexcept;

  private:
    std::filesystem::path data_dir_;                      // empty with --database-url
    std::unique_ptr<postgres::EmbeddedServer> embedded_;  // null with --database-url
    std::unique_ptr<postgres::Database> database_;
};

}  // namespace headwater::app
