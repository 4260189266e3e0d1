#pragma once

#include "core/feed.hpp"
#include "postgres/connection_pool.hpp"
#include "postgres/type_catalog.hpp"

namespace headwater::postgres {

/// Stores acknowledgements as bitmaps of 4,096 ids and as watermarks. Uses the readers' pool.
class PostgresAckStore final : public AckStore {
  public:
    PostgresAckStore(ConnectionPool& pool, TypeCatalog& types) : pool_(pool), types_(types) {}

    void apply(std::span<const Acknowledgement* const> acknowledgements) override;
    bool forget(std::string_view client) override;

  private:
    ConnectionPool& pool_;
    TypeCatalog& types_;
};

}  // namespace headwater::postgres
