#pragma once

#include "core/monitor_store.hpp"
#include "postgres/connection_pool.hpp"

namespace headwater::postgres {

/// Uses the readers' pool.
class PostgresMonitorStore final : public MonitorStore {
  public:
    explicit PostgresMonitorStore(ConnectionPool& pool) : pool_(pool) {}

    Monitor create(const MonitorDefinition& definition, const Digest& key) override;
    std::optional<Monitor> find(MonitorId id) override;
    std::vector<Monitor> list(MonitorId after, std::size_t limit) override;
    std::optional<Monitor> change(MonitorId id, const MonitorDefinition& definition) override;
    bool remove(MonitorId id) override;
    bool set_key(MonitorId id, const Digest& key) override;
    std::optional<Monitor> set_paused(MonitorId id, bool is_paused) override;
    std::vector<MonitorFlip> flips(MonitorId id, std::size_t limit) override;
    bool drop_unused(std::span<const StreamId> streams) override;

  private:
    ConnectionPool& pool_;
};

}  // namespace headwater::postgres
