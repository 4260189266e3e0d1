#include "core/event_draft.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "core/json_pointer.hpp"
#include "core/time.hpp"
#include "core/type_filter.hpp"

namespace headwater {
namespace {

using Member = EventDraft::Member;

constexpr std::array<std::string_view, 5> kNames{"type", "payload", "id", "subject", "occurredAt"};
constexpr std::size_t kMaxErrors = 10;
constexpr std::size_t kMaxShownName = 200;
constexpr std::size_t kMaxIdCharacters = 200;
constexpr std::size_t kMaxSubjectCharacters = 500;

std::string_view name_of(Member member) {
    return kNames[static_cast<std::size_t>(member)];
}

// RFC 6901, section 3. A name that is too long to be shown stands for the whole event.
std::string pointer_to(std::string_view name) {
    if (name.size() > kMaxShownName) return "";
    return json_pointer_step(name);
}

bool has_control_character(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte < 0x20 || byte == 0x7F) return true;
        // U+0080 to U+009F in UTF-8.
        if (byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0)
            return true;
    }
    return false;
}

std::size_t count_characters(std::string_view text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::optional<std::string> mistake_in_label(Member member, std::string_view text, std::size_t most) {
    const auto count = count_characters(text);
    if (count < 1 || count > most)
        return fmt::format("The {} must have 1 to {} characters.", name_of(member), most);
    if (has_control_character(text))
        return fmt::format("The {} must not hold control characters.", name_of(member));
    return std::nullopt;
}

// The graver kind decides how the whole event is refused.
int gravity(Refusal::Kind kind) {
    if (kind == Refusal::Kind::malformed) return 2;
    return kind == Refusal::Kind::too_large ? 1 : 0;
}

}  // namespace

Member EventDraft::begin_member(std::string_view name) {
    const auto found = std::ranges::find(kNames, name);
    if (found == kNames.end()) {
        add_error(Refusal::Kind::invalid, pointer_to(name), "An event has no member of this name.");
        return Member::unknown;
    }
    const auto member = static_cast<Member>(found - kNames.begin());
    if (was_seen(member)) {
        add_error(Refusal::Kind::malformed, pointer_to(name),
                  fmt::format("The member \"{}\" is there twice.", name));
    }
    seen_ |= 1U << static_cast<unsigned>(member);
    return member;
}

void EventDraft::set_text(Member member, std::string_view text) {
    std::optional<std::string> mistake;
    switch (member) {
        case Member::type:
            event_.type = text;
            if (!is_event_type_name(text)) {
                mistake =
                    "The type must have 1 to 200 characters: letters, digits, \"_\", \".\" and \"-\" in "
                    "segments "
                    "that are joined by \":\".";
            }
            break;
        case Member::id:
            event_.id.emplace(text);
            mistake = mistake_in_label(member, text, kMaxIdCharacters);
            break;
        case Member::subject:
            event_.subject.emplace(text);
            mistake = mistake_in_label(member, text, kMaxSubjectCharacters);
            break;
        case Member::occurred_at:
            if (const auto time = parse_rfc3339(text)) {
                event_.occurred_at = format_time(*time);
            } else {
                mistake = "The occurredAt must be an RFC 3339 time such as 2018-02-01T11:12:01Z.";
            }
            break;
        case Member::payload:
        case Member::unknown:
            break;
    }
    if (mistake) add_error(Refusal::Kind::invalid, pointer_to(name_of(member)), std::move(*mistake));
}

void EventDraft::refuse_no_text(Member member) {
    if (member == Member::unknown) return;
    add_error(Refusal::Kind::invalid, pointer_to(name_of(member)),
              fmt::format("The {} must be a string.", name_of(member)));
}

void EventDraft::set_payload(std::string_view payload) {
    event_.payload = payload;
    if (payload.size() > max_payload_bytes_) {
        add_error(Refusal::Kind::too_large, "/payload",
                  fmt::format("The payload has more than {} bytes.", max_payload_bytes_));
    }
}

void EventDraft::refuse_no_object() {
    is_object_ = false;
    add_error(Refusal::Kind::invalid, "", "An event must be a JSON object.");
}

std::expected<SentEvent, Refusal> EventDraft::finish() && {
    if (is_object_) {
        require(Member::type);
        require(Member::payload);
    }
    if (errors_.empty()) return std::move(event_);
    auto detail = errors_.size() == 1 ? errors_[0].detail : std::string("The event has several mistakes.");
    return std::unexpected(Refusal{kind_, std::move(detail), std::move(errors_)});
}

void EventDraft::require(Member member) {
    if (was_seen(member)) return;
    add_error(Refusal::Kind::invalid, pointer_to(name_of(member)),
              fmt::format("The member \"{}\" is missing.", name_of(member)));
}

void EventDraft::add_error(Refusal::Kind kind, std::string pointer, std::string detail) {
    const bool is_graver = errors_.empty() || gravity(kind) > gravity(kind_);
    if (is_graver) kind_ = kind;
    if (errors_.size() < kMaxErrors) {
        errors_.push_back({std::move(pointer), std::move(detail)});
    } else if (is_graver) {
        errors_.back() = {std::move(pointer), std::move(detail)};
    }
}

}  // namespace headwater
