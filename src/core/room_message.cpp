#include "core/room_message.hpp"

#include "core/json_text.hpp"

namespace headwater {
namespace {

constexpr std::string_view kName = R"({"event":)";
constexpr std::string_view kAcl = R"(,"acl":[)";
constexpr std::string_view kData = R"(,"data":)";

bool take(std::string_view& rest, std::string_view expected) {
    if (!rest.starts_with(expected)) return false;
    rest.remove_prefix(expected.size());
    return true;
}

/// A JSON string with its quotes; "" when there is none.
std::string_view take_string(std::string_view& rest) {
    if (!rest.starts_with('"')) return {};
    std::size_t at = 1;
    while (at < rest.size() && rest[at] != '"') at += rest[at] == '\\' ? 2 : 1;
    if (at >= rest.size()) return {};
    const std::string_view text = rest.substr(0, at + 1);
    rest.remove_prefix(at + 1);
    return text;
}

}  // namespace

std::string make_room_payload(std::string_view name, const std::optional<std::span<const std::string>>& acl,
                              std::string_view data) {
    std::string payload(kName);
    append_json_string(payload, name);
    if (acl) {
        payload += kAcl;
        for (const std::string& user : *acl) {
            if (&user != acl->data()) payload += ',';
            append_json_string(payload, user);
        }
        payload += ']';
    }
    payload.append(kData).append(data).append("}");
    return payload;
}

std::optional<RoomMessage> RoomMessage::read(const Event& event) {
    std::string_view rest = event.payload();
    if (!take(rest, kName)) return std::nullopt;
    RoomMessage message;
    message.name_ = take_string(rest);
    if (message.name_.empty()) return std::nullopt;
    if (take(rest, kAcl)) {
        message.has_acl_ = true;
        while (!take(rest, "]")) {
            const std::string_view user = take_string(rest);
            if (user.empty()) return std::nullopt;
            message.users_.push_back(user);
            take(rest, ",");
        }
    }
    if (!take(rest, kData) || !rest.ends_with('}')) return std::nullopt;
    message.data_ = rest.substr(0, rest.size() - 1);
    return message;
}

}  // namespace headwater
