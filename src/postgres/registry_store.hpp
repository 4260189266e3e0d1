#pragma once

#include "core/registry_store.hpp"
#include "postgres/connection_pool.hpp"
#include "postgres/type_catalog.hpp"

namespace headwater::postgres {

/// Event types and streams in PostgreSQL. Changes are serialised by the registry's advisory lock.
class PostgresRegistryStore final : public RegistryStore {
  public:
    PostgresRegistryStore(ConnectionPool& pool, TypeCatalog& types) : pool_(pool), types_(types) {}

    RegistrySnapshot load() override;
    std::int64_t generation() override;
    std::expected<RegistrationResult, Refusal> put(const Registration& registration) override;
    std::expected<std::vector<Stream>, Refusal> remove_type(std::string_view type,
                                                            std::optional<std::int64_t> if_match) override;
    std::expected<Stream, Refusal> put_stream(std::string_view owner_type, const StreamDefinition& definition,
                                              std::optional<std::int64_t> if_match) override;
    std::expected<Stream, Refusal> remove_stream(StreamId stream) override;
    std::expected<Stream, Refusal> set_paused(StreamId stream, bool paused) override;
    std::int64_t lag_events(const Stream& stream) override;

  private:
    ConnectionPool& pool_;
    TypeCatalog& types_;
};

}  // namespace headwater::postgres
