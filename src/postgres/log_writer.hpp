#pragma once

#include <memory>

#include "core/event_log.hpp"
#include "postgres/connection_settings.hpp"

namespace headwater::postgres {

class Connection;

/// Writes the log through headwater.append(): one round trip a batch. Opens its connection at the first
/// append and a new one after any loss; each new one first runs headwater.begin_appends(), which notices a
/// failover.
class PostgresLogWriter final : public LogWriter {
  public:
    explicit PostgresLogWriter(ConnectionSettings settings);
    ~PostgresLogWriter() override;

    AppendResult append(const AppendBatch& batch) override;

  private:
    AppendResult append_once(const AppendBatch& batch);

    ConnectionSettings settings_;
    std::unique_ptr<Connection> connection_;  // null: open a fresh one
};

}  // namespace headwater::postgres
