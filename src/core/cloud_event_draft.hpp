#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "core/event_parser.hpp"
#include "core/item_mistakes.hpp"

namespace headwater {

/// One CloudEvent 1.0 while it is being read: its context attributes so far and what is wrong with them.
/// Private to the parser; used by one thread; finish() ends it.
class CloudEventDraft {
  public:
    enum class Member {
        specversion,
        id,
        source,
        type,
        subject,
        time,
        datacontenttype,
        dataschema,
        data,
        data_base64,
        extension,  ///< the one begun last
        unknown,
    };

    explicit CloudEventDraft(std::size_t max_payload_bytes) : max_payload_bytes_(max_payload_bytes) {}

    /// Notes that a member of this name begins and says which one it is.
    Member begin_member(std::string_view name);
    /// The value of a member that holds text. An extension's is taken as well.
    void set_text(Member member, std::string_view text);
    /// The member's value is no string: null stands for a member that is not there.
    void set_no_text(Member member, std::string_view json);
    /// True for members whose value is taken as the bytes that were sent.
    [[nodiscard]] static bool is_raw(Member member) {
        return member == Member::data || member == Member::extension;
    }
    void set_raw(Member member, std::string_view json);
    /// Data that is not JSON, as base64 text.
    void set_base64(std::string text);
    /// What stands in the place of the event is no object.
    void refuse_no_object();

    /// The event, or the one refusal that tells all its mistakes.
    [[nodiscard]] std::expected<SentEvent, Refusal> finish() &&;

  private:
    void add_mistake(std::string detail, Refusal::Kind kind = Refusal::Kind::invalid);
    void add_attribute(std::string_view json);
    void check_size(std::size_t bytes);
    void require(Member member);
    [[nodiscard]] bool was_seen(Member member) const {
        return (seen_ & (1U << static_cast<unsigned>(member))) != 0;
    }

    std::size_t max_payload_bytes_;
    SentEvent event_;
    unsigned seen_ = 0;                    ///< a bit per Member
    std::string name_;                     ///< of the member begun last
    std::vector<std::string> extensions_;  ///< the names of all
    ItemMistakes mistakes_;
    bool is_object_ = true;
};

/// True for the media types whose data is a JSON value: application/json, text/json and those that end in
/// +json.
[[nodiscard]] bool is_json_media_type(std::string_view media_type);

}  // namespace headwater
