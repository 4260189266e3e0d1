#include "core/room.hpp"

#include <rapidjson/document.h>

#include <algorithm>

#include "core/json_text.hpp"

namespace headwater {
namespace {

constexpr std::size_t kMaxNamespace = 100;
constexpr std::size_t kMaxName = 200;

bool is_plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-';
}

bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

std::string text_of(const rapidjson::Value& object, const char* name) {
    const auto member = object.FindMember(name);
    if (member == object.MemberEnd() || !member->value.IsString()) return {};
    return {member->value.GetString(), member->value.GetStringLength()};
}

std::optional<RoomAccessChange::Kind> parse_kind(std::string_view word) {
    using Kind = RoomAccessChange::Kind;
    if (word == "subscribed") return Kind::subscribed;
    if (word == "unsubscribed") return Kind::unsubscribed;
    if (word == "revoked") return Kind::revoked;
    if (word == "removed") return Kind::removed;
    return std::nullopt;
}

}  // namespace

std::string room_type(std::string_view space) {
    return std::string(kRoomPrefix).append(space);
}

std::string_view namespace_of(std::string_view type) {
    return type.starts_with(kRoomPrefix) ? type.substr(kRoomPrefix.size()) : std::string_view();
}

bool is_namespace_name(std::string_view name) {
    return !name.empty() && name.size() <= kMaxNamespace && std::ranges::all_of(name, is_plain);
}

bool is_room_name(std::string_view name) {
    return !name.empty() && name.size() <= kMaxName && std::ranges::none_of(name, is_control) &&
           is_valid_utf8(name);
}

bool is_user_name(std::string_view name) {
    return is_room_name(name);
}

bool is_room_owned_type(std::string_view type) {
    return type == kRoomAccess || type.starts_with(kRoomPrefix);
}

// Written by PostgreSQL from a few short texts: no hostile depth.
std::optional<RoomAccessChange> RoomAccessChange::parse(std::string_view payload) {
    rapidjson::Document document;
    document.Parse<rapidjson::kParseIterativeFlag>(payload.data(), payload.size());
    if (document.HasParseError() || !document.IsObject()) return std::nullopt;
    const auto kind = parse_kind(text_of(document, "change"));
    if (!kind) return std::nullopt;
    return RoomAccessChange{
        *kind, text_of(document, "user"), {text_of(document, "namespace"), text_of(document, "room")}};
}

}  // namespace headwater
