#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/registry.hpp"
#include "core/room_acl.hpp"
#include "core/room_store.hpp"
#include "core/work_pool.hpp"
#include "postgres/database.hpp"
#include "rest/services.hpp"

namespace headwater::app {

/// The parts that rooms are made of, put together. Lives as long as the node's other parts.
class Rooms {
  public:
    /// `allow` as for webhooks. Throws std::invalid_argument for a network that is none.
    Rooms(postgres::Database& database, const std::vector<std::string>& allow, const Clock& clock,
          WorkPool& readers);

    /// Follows what changes: before the first refresh of the registry and the tail's start.
    void listen_to(Registry& registry);
    void on_events(const EventBatch& events) { verdicts_.on_events(events); }
    /// Namespaces that could not be read when the registry changed. Blocks; never throws.
    void catch_up(std::int64_t generation) noexcept;
    void stop() { desk_.stop(); }

    [[nodiscard]] const rest::RoomServices& services() const { return services_; }
    [[nodiscard]] LoadRooms loader();

  private:
    RoomStore& store_;
    WorkPool& readers_;
    RoomDirectory directory_;
    RoomVerdicts verdicts_;
    std::unique_ptr<RoomAuthority> authority_;
    RoomDesk desk_;
    const rest::RoomServices services_;
};

}  // namespace headwater::app
