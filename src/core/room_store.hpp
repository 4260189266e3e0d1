#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/commit_desk.hpp"
#include "core/room.hpp"
#include "core/room_namespace.hpp"

namespace headwater {

/// How often somebody was thrown out of a room up to some moment: 0, or a number that grows.
using RevocationNumber = std::int64_t;

/// A change of who is in which room.
struct RoomChange {
    enum class Kind { subscribe, unsubscribe, revoke };
    Kind kind{};
    std::string user;
    RoomName room;
    RevocationNumber permitted_at =
        0;  ///< of subscribe: the last revocation when the permission was asked for
};

enum class RoomChangeOutcome {
    done,
    unknown_namespace,
    revoked,  ///< since the permission was asked for: ask again
    too_many  ///< the user is in kMaxRooms rooms already
};

/// Group commit for them.
using RoomDesk = CommitDesk<RoomChange, RoomChangeOutcome>;

/// Stores changes, one batch a transaction, each with its event of kRoomAccess; durable when it returns. One
/// thread. Throws Unavailable.
class RoomChangeWriter {
  public:
    virtual ~RoomChangeWriter() = default;
    [[nodiscard]] virtual std::vector<RoomChangeOutcome> record(std::span<const RoomChange> changes) = 0;
};

/// Stores namespaces, and knows who is in which room. Thread-safe, blocking; throws Unavailable.
class RoomStore {
  public:
    static constexpr int kMaxRooms = 5'000;  ///< of one user

    virtual ~RoomStore() = default;
    [[nodiscard]] virtual std::vector<RoomNamespace> namespaces() = 0;
    [[nodiscard]] virtual std::optional<RoomNamespace> find_namespace(std::string_view name) = 0;
    /// True when it is new. `tokens`: unset keeps what is stored, "" removes it, else to_stored_json().
    virtual bool put_namespace(std::string_view name, std::string_view acl_url,
                               const std::optional<std::string>& tokens) = 0;
    /// With its subscriptions. False when there is none.
    virtual bool remove_namespace(std::string_view name) = 0;
    [[nodiscard]] virtual std::vector<RoomName> rooms_of(std::string_view user) = 0;
    [[nodiscard]] virtual RevocationNumber last_revocation(std::string_view user, const RoomName& room) = 0;
};

/// Reads a user's rooms without blocking: calls `done` from some thread, with nothing when they cannot be
/// read now.
using LoadRooms = std::function<void(std::string user,
                                     std::move_only_function<void(std::optional<std::vector<RoomName>>)>)>;

}  // namespace headwater
