#include "rest/room_publish_body.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "core/json_text.hpp"
#include "core/room.hpp"
#include "core/room_message.hpp"
#include "rest/json_body.hpp"
#include "rest/refusals.hpp"

namespace headwater::rest {
namespace {

constexpr std::array<std::string_view, 3> kMembers{"event", "data", "acl"};
constexpr std::size_t kMaxUsers = 1'000;
// The message is a value of its own inside the body.
constexpr int kMaxDepth = EventLimits::kMaxDepth;

}  // namespace

std::expected<std::string, Refusal> parse_room_message(std::string_view json, const EventLimits& limits) {
    if (const auto checked = check_json(json, kMaxDepth); !checked)
        return refuse(Refusal::Kind::malformed, checked.error());
    const auto members = JsonMembers::read(json, kMembers);
    if (!members) return std::unexpected(members.error());
    std::vector<FieldError> errors;
    const std::string name = members->find("event").and_then(json_string).value_or("");
    if (!is_room_name(name))
        errors.push_back({"/event", "A name of 1 to 200 bytes without control characters is needed here."});
    std::optional<std::vector<std::string>> acl;
    if (const auto given = members->find("acl"); given && *given != "null") {
        acl = json_strings(*given);
        if (!acl || acl->size() > kMaxUsers || !std::ranges::all_of(*acl, is_user_name)) {
            errors.push_back({"/acl", "An array of at most 1,000 users' names is needed here."});
        }
    }
    if (!errors.empty())
        return std::unexpected(
            Refusal{Refusal::Kind::invalid, "The message is not valid.", std::move(errors)});
    std::optional<std::span<const std::string>> users;
    if (acl) users = *acl;
    std::string payload = make_room_payload(name, users, members->find("data").value_or("null"));
    if (payload.size() > limits.max_event_bytes)
        return refuse(Refusal::Kind::too_large, "The message is larger than an event may be.");
    return payload;
}

}  // namespace headwater::rest
