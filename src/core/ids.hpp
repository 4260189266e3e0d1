#pragma once

#include <charconv>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace headwater {

/// An integer that knows what it counts: an EventId cannot be passed where a StreamId is wanted.
template <class Tag>
struct Id {
    std::int64_t value = 0;
    friend constexpr auto operator<=>(const Id&, const Id&) = default;
};

/// The position of an event in the log: unique, ascending in commit order, never reused. 0 stands before the
/// first event.
using EventId = Id<struct EventTag>;
/// An event's id seen as a place to read from. A cursor at position p has seen every event with id <= p.
using Position = EventId;
using TypeId = Id<struct TypeTag>;
using StreamId = Id<struct StreamTag>;

template <class Tag>
[[nodiscard]] std::string to_string(Id<Tag> id) {
    return std::to_string(id.value);
}

/// Reads a decimal id without sign or leading zeros, 0 to 2^63-1; nothing otherwise.
template <class IdType>
[[nodiscard]] std::optional<IdType> parse_id(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool canonical = !text.empty() && text[0] != '-' && (text[0] != '0' || text.size() == 1);
    if (error != std::errc{} || end != text.data() + text.size() || !canonical) return std::nullopt;
    return IdType{value};
}

}  // namespace headwater

template <class Tag>
struct std::hash<headwater::Id<Tag>> {
    std::size_t operator()(headwater::Id<Tag> id) const noexcept {
        return std::hash<std::int64_t>{}(id.value);
    }
};
