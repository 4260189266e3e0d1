#pragma once

#include <cstddef>
#include <expected>
#include <string_view>

#include "core/event_parser.hpp"
#include "core/item_mistakes.hpp"

namespace headwater {

/// One event's envelope while it is being read: its members so far and what is wrong with them. Private to
/// the parser; used by one thread; finish() ends it.
class EventDraft {
  public:
    enum class Member { type, payload, id, subject, occurred_at, unknown };

    explicit EventDraft(std::size_t max_payload_bytes) : max_payload_bytes_(max_payload_bytes) {}

    /// Notes that a member of this name begins and says which one it is.
    Member begin_member(std::string_view name);
    /// The value of a member that holds text: everything but the payload.
    void set_text(Member member, std::string_view text);
    /// The member's value is no string.
    void set_no_text(Member member, std::string_view json);
    /// True for a member whose value is taken as the bytes that were sent: the payload.
    [[nodiscard]] static bool is_raw(Member member) { return member == Member::payload; }
    void set_raw(Member member, std::string_view json);
    /// What stands in the place of the event is no object.
    void refuse_no_object();

    /// The event, or the one refusal that tells all its mistakes.
    [[nodiscard]] std::expected<SentEvent, Refusal> finish() &&;

  private:
    void require(Member member);
    [[nodiscard]] bool was_seen(Member member) const {
        return (seen_ & (1U << static_cast<unsigned>(member))) != 0;
    }

    std::size_t max_payload_bytes_;
    SentEvent event_;
    unsigned seen_ = 0;  ///< a bit per Member
    ItemMistakes mistakes_;
    bool is_object_ = true;
};

}  // namespace headwater
