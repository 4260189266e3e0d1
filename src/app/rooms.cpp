#include "app/rooms.hpp"

#include <utility>

#include "core/log.hpp"
#include "sinks/acl/acl_client.hpp"

namespace headwater::app {
namespace {

constexpr std::size_t kQueuedChanges = 50'000;
constexpr std::size_t kChangesAtOnce = 200;  // the log's lock is held meanwhile

RoomDesk::Options desk_options() {
    return {.name = "rooms",
            .max_queued = kQueuedChanges,
            .max_batch = kChangesAtOnce,
            .when_full = "The queue of changes is full.",
            .when_away = "The event store is away."};
}

RoomDesk::Record record_with(std::unique_ptr<RoomChangeWriter> writer) {
    return
        [writer = std::move(writer)](std::span<const RoomChange> changes) { return writer->record(changes); };
}

}  // namespace

Rooms::Rooms(postgres::Database& database, const std::vector<std::string>& allow, const Clock& clock,
             WorkPool& readers)
    : store_(database.room_store()),
      readers_(readers),
      directory_([this] { return store_.namespaces(); }),
      verdicts_(clock),
      authority_(std::make_unique<sinks::AclClient>(allow)),
      desk_(desk_options(), record_with(database.make_room_change_writer())),
      services_{store_, desk_, directory_, verdicts_, *authority_} {}

void Rooms::listen_to(Registry& registry) {
    registry.add_listener([this](const RegistryViewPtr& view) { catch_up(view->generation()); });
}

void Rooms::catch_up(std::int64_t generation) noexcept {
    try {
        directory_.load(generation);
    } catch (const std::exception& error) {
        log::warn("namespaces.stale", {{"error", error.what()}});
    }
}

LoadRooms Rooms::loader() {
    return [this](std::string user, auto done) {
        auto answer = std::make_shared<decltype(done)>(std::move(done));
        const bool is_taken = readers_.submit([this, answer, user = std::move(user)] {
            try {
                (*answer)(store_.rooms_of(user));
            } catch (const std::exception& error) {
                log::warn("rooms.unreadable", {{"error", error.what()}});
                (*answer)(std::nullopt);
            }
        });
        if (!is_taken) (*answer)(std::nullopt);
    };
}

}  // namespace headwater::app
