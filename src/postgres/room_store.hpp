#pragma once

#include "core/room_store.hpp"
#include "postgres/connection_pool.hpp"
#include "postgres/monitor_writers.hpp"

namespace headwater::postgres {

/// Uses the readers' pool.
class PostgresRoomStore final : public RoomStore {
  public:
    explicit PostgresRoomStore(ConnectionPool& pool) : pool_(pool) {}

    std::vector<RoomNamespace> namespaces() override;
    std::optional<RoomNamespace> find_namespace(std::string_view name) override;
    bool put_namespace(std::string_view name, std::string_view acl_url,
                       const std::optional<std::string>& tokens) override;
    bool remove_namespace(std::string_view name) override;
    std::vector<RoomName> rooms_of(std::string_view user) override;
    RevocationNumber last_revocation(std::string_view user, const RoomName& room) override;

  private:
    ConnectionPool& pool_;
};

/// headwater.change_rooms().
class PostgresRoomChangeWriter final : public RoomChangeWriter {
  public:
    explicit PostgresRoomChangeWriter(ConnectionSettings settings) : session_(std::move(settings)) {}
    std::vector<RoomChangeOutcome> record(std::span<const RoomChange> changes) override;

  private:
    AppendingSession session_;
};

}  // namespace headwater::postgres
