#include "core/event_draft.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "core/time.hpp"

namespace headwater {
namespace {

using Member = EventDraft::Member;

constexpr std::array<std::string_view, 5> kNames{"type", "payload", "id", "subject", "occurredAt"};
std::string_view name_of(Member member) {
    return kNames[static_cast<std::size_t>(member)];
}

}  // namespace

Member EventDraft::begin_member(std::string_view name) {
    const auto found = std::ranges::find(kNames, name);
    if (found == kNames.end()) {
        mistakes_.add(Refusal::Kind::invalid, pointer_to_member(name),
                      "An event has no member of this name.");
        return Member::unknown;
    }
    const auto member = static_cast<Member>(found - kNames.begin());
    if (was_seen(member)) {
        mistakes_.add(Refusal::Kind::malformed, pointer_to_member(name),
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
            mistake = mistake_in_type(text);
            break;
        case Member::id:
            event_.id.emplace(text);
            mistake = mistake_in_label(name_of(member), text, kMaxIdCharacters);
            break;
        case Member::subject:
            event_.subject.emplace(text);
            mistake = mistake_in_label(name_of(member), text, kMaxSubjectCharacters);
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
    if (mistake)
        mistakes_.add(Refusal::Kind::invalid, pointer_to_member(name_of(member)), std::move(*mistake));
}

void EventDraft::set_no_text(Member member, std::string_view /*json*/) {
    if (member == Member::unknown) return;
    mistakes_.add(Refusal::Kind::invalid, pointer_to_member(name_of(member)),
                  fmt::format("The {} must be a string.", name_of(member)));
}

void EventDraft::set_raw(Member /*payload*/, std::string_view payload) {
    event_.payload = payload;
    if (payload.size() > max_payload_bytes_) {
        mistakes_.add(Refusal::Kind::too_large, "/payload",
                      fmt::format("The payload has more than {} bytes.", max_payload_bytes_));
    }
}

void EventDraft::refuse_no_object() {
    is_object_ = false;
    mistakes_.add(Refusal::Kind::invalid, "", "An event must be a JSON object.");
}

std::expected<SentEvent, Refusal> EventDraft::finish() && {
    if (is_object_) {
        require(Member::type);
        require(Member::payload);
    }
    if (mistakes_.is_empty()) return std::move(event_);
    return std::unexpected(std::move(mistakes_).take());
}

void EventDraft::require(Member member) {
    if (was_seen(member)) return;
    mistakes_.add(Refusal::Kind::invalid, pointer_to_member(name_of(member)),
                  fmt::format("The member \"{}\" is missing.", name_of(member)));
}

}  // namespace headwater
