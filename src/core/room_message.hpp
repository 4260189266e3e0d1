#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/event.hpp"

namespace headwater {

/// The payload of a room's event, `{"event":…,"acl":[…],"data":…}`. `data` is JSON and stands as it came;
/// `acl` may be left out: then everybody in the room gets the message.
[[nodiscard]] std::string make_room_payload(std::string_view name,
                                            const std::optional<std::span<const std::string>>& acl,
                                            std::string_view data);

/// A room's event as its readers need it: views of the event's own bytes, found without looking at the data.
/// The event outlives it.
class RoomMessage {
  public:
    /// Nothing for an event that make_room_payload() did not write.
    [[nodiscard]] static std::optional<RoomMessage> read(const Event& event);

    [[nodiscard]] std::string_view name_json() const { return name_; }  ///< with its quotes
    [[nodiscard]] std::string_view data() const { return data_; }
    [[nodiscard]] bool has_acl() const { return has_acl_; }
    /// As JSON strings, with their quotes.
    [[nodiscard]] const std::vector<std::string_view>& users() const { return users_; }

  private:
    std::string_view name_;
    std::string_view data_;
    bool has_acl_ = false;
    std::vector<std::string_view> users_;
};

}  // namespace headwater
