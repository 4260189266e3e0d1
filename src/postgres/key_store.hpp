#pragma once

#include "core/key_store.hpp"
#include "postgres/connection_pool.hpp"

namespace headwater::postgres {

/// Keys in PostgreSQL. Every change moves the version and notifies all nodes. Uses the readers' pool.
class PostgresKeyStore final : public KeyStore {
  public:
    explicit PostgresKeyStore(ConnectionPool& pool) : pool_(pool) {}

    std::optional<KeySet> load(std::optional<std::int64_t> known) override;
    void save_uses(std::span<const KeyUse> uses) override;

    std::expected<ApiKey, std::string> create(const KeyDefinition& definition,
                                              const NewSecret& secret) override;
    std::vector<ApiKey> list() override;
    std::optional<ApiKey> revoke(std::string_view key) override;
    std::optional<ApiKey> rotate(std::string_view key, const NewSecret& secret,
                                 std::chrono::seconds grace) override;
    void disable() override;
    bool is_enforced() override;

  private:
    ConnectionPool& pool_;
};

}  // namespace headwater::postgres
