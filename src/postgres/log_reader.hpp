#pragma once

#include "core/event_log.hpp"
#include "postgres/connection_pool.hpp"
#include "postgres/log_times.hpp"
#include "postgres/type_catalog.hpp"

namespace headwater::postgres {

/// Reads the log over the readers' pool.
class PostgresLogReader final : public LogReader {
  public:
    PostgresLogReader(ConnectionPool& pool, TypeCatalog& types, LogTimes& times)
        : pool_(pool), types_(types), times_(times) {}

    LogPage read(const LogRead& what) override;
    std::optional<EventPtr> find(EventId id) override;
    std::vector<EventPtr> find_all(std::span<const Cursor> events) override;
    Cursor cursor_at(Position position) override;
    LogHead head() override;
    LogHead advance_clock() override;

  private:
    ConnectionPool& pool_;
    TypeCatalog& types_;
    LogTimes& times_;
};

}  // namespace headwater::postgres
