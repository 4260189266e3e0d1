#pragma once

#include <cstdint>
#include <map>
#include <mutex>

#include "core/lease_store.hpp"
#include "postgres/connection_pool.hpp"
#include "postgres/delivery_progress.hpp"

namespace headwater::postgres {

/// Leases in PostgreSQL. Remembers which renewal of a process was answered last, so that what was claimed by
/// one whose answer was lost comes with the next.
class PostgresLeaseStore final : public LeaseStore {
  public:
    PostgresLeaseStore(ConnectionPool& pool, SaveNumbers& numbers) : pool_(pool), numbers_(numbers) {}

    LeaseRenewal renew(std::int64_t process, const std::string& label) override;
    void release(std::int64_t process, std::span<const StreamProgress> streams) override;
    void leave(std::int64_t process) override;
    void end_all() override;

  private:
    std::int64_t answered(std::int64_t process);

    ConnectionPool& pool_;
    SaveNumbers& numbers_;
    std::mutex mutex_;
    std::map<std::int64_t, std::int64_t> answered_;  // guarded by mutex_
};

}  // namespace headwater::postgres
