#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/time.hpp"

namespace headwater {

/// The type of the events that tell who got into a room and who left it. Open feeds follow them, so it can
/// neither be removed nor given another ttl.
inline constexpr std::string_view kRoomAccess = "headwater:room-access";
inline constexpr std::string_view kRoomPrefix = "room:";

/// A room and its namespace.
struct RoomName {
    std::string space;  ///< the namespace's name
    std::string room;
    friend auto operator<=>(const RoomName&, const RoomName&) = default;
};

/// The type of a namespace's messages.
[[nodiscard]] std::string room_type(std::string_view space);
/// The namespace of a type under `room:`; "" for any other type.
[[nodiscard]] std::string_view namespace_of(std::string_view type);

/// 1-100 characters of [A-Za-z0-9_.-].
[[nodiscard]] bool is_namespace_name(std::string_view name);
/// 1-200 bytes of UTF-8 without control characters.
[[nodiscard]] bool is_room_name(std::string_view name);
[[nodiscard]] bool is_user_name(std::string_view name);

/// True for the types that belong to rooms and are registered and removed with them.
[[nodiscard]] bool is_room_owned_type(std::string_view type);

/// What one user's way into a room became, as an event of kRoomAccess tells it.
struct RoomAccessChange {
    enum class Kind {
        subscribed,
        unsubscribed,
        revoked,
        removed,  ///< the whole namespace: user and room are ""
    };
    Kind kind{};
    std::string user;
    RoomName room;

    /// Nothing for a payload that is not of this kind.
    [[nodiscard]] static std::optional<RoomAccessChange> parse(std::string_view payload);
};

}  // namespace headwater

template <>
struct std::hash<headwater::RoomName> {
    std::size_t operator()(const headwater::RoomName& name) const noexcept {
        return std::hash<std::string>{}(name.space) * 31 + std::hash<std::string>{}(name.room);
    }
};
