#include "core/cloud_event_draft.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "core/base64.hpp"
#include "core/json_text.hpp"
#include "core/time.hpp"

namespace headwater {
namespace {

using Member = CloudEventDraft::Member;

constexpr std::array<std::string_view, 10> kNames{
    "specversion",     "id",         "source", "type",       "subject", "time",
    "datacontenttype", "dataschema", "data",   "data_base64"};
constexpr std::size_t kMaxExtensions = 50;
constexpr std::size_t kMaxExtensionName = 64;
constexpr std::size_t kMaxExtensionBytes = 4096;
constexpr std::size_t kMaxSourceCharacters = 500;

std::string_view name_of(Member member) {
    return kNames[static_cast<std::size_t>(member)];
}

// CloudEvents 1.0.2 section 2.2: attribute names.
bool is_attribute_name(std::string_view name) {
    const auto is_allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    return !name.empty() && name.size() <= kMaxExtensionName && std::ranges::all_of(name, is_allowed);
}

// Section 2.4: Boolean, Integer (32 bits), String; the other types are text in JSON.
bool is_attribute_value(std::string_view json) {
    if (json.starts_with('"') || json == "true" || json == "false") return true;
    std::string_view digits = json;
    if (digits.starts_with('-')) digits.remove_prefix(1);
    const bool is_integer = !digits.empty() && digits.size() <= 10 &&
                            std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
    if (!is_integer) return false;
    const long long number = std::stoll(std::string(json));
    return number >= -2'147'483'648LL && number <= 2'147'483'647LL;
}

/// "application/json" of "Application/JSON; charset=utf-8".
std::string without_parameters(std::string_view media_type) {
    std::string name(media_type.substr(0, media_type.find(';')));
    while (name.ends_with(' ') || name.ends_with('\t')) name.pop_back();
    std::ranges::transform(name, name.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return name;
}

}  // namespace

bool is_json_media_type(std::string_view media_type) {
    const std::string name = without_parameters(media_type);
    return name.ends_with("/json") || name.ends_with("+json");
}

Member CloudEventDraft::begin_member(std::string_view name) {
    name_ = name;
    const auto found = std::ranges::find(kNames, name);
    const bool is_extension = found == kNames.end();
    const bool is_twice = is_extension ? std::ranges::find(extensions_, name) != extensions_.end()
                                       : was_seen(static_cast<Member>(found - kNames.begin()));
    if (is_twice)
        add_mistake(fmt::format("The member \"{}\" is there twice.", name), Refusal::Kind::malformed);
    if (!is_extension) {
        const auto member = static_cast<Member>(found - kNames.begin());
        seen_ |= 1U << static_cast<unsigned>(member);
        return member;
    }
    if (!is_attribute_name(name)) {
        add_mistake("An attribute's name has 1 to 64 characters of a-z and 0-9.");
        return Member::unknown;
    }
    if (extensions_.size() == kMaxExtensions) {
        add_mistake(fmt::format("A CloudEvent may have {} extensions.", kMaxExtensions));
        return Member::unknown;
    }
    extensions_.emplace_back(name);
    return Member::extension;
}

void CloudEventDraft::set_text(Member member, std::string_view text) {
    std::optional<std::string> mistake;
    switch (member) {
        case Member::specversion:
            if (text != "1.0") mistake = "The specversion must be 1.0.";
            break;
        case Member::id:
            event_.id.emplace(text);
            mistake = mistake_in_label("id", text, kMaxIdCharacters);
            break;
        case Member::source:
            event_.source.emplace(text);
            mistake = mistake_in_label("source", text, kMaxSourceCharacters);
            break;
        case Member::type:
            event_.type = text;
            mistake = mistake_in_type(text);
            break;
        case Member::subject:
            event_.subject.emplace(text);
            mistake = mistake_in_label("subject", text, kMaxSubjectCharacters);
            break;
        case Member::time:
            if (const auto time = parse_rfc3339(text)) {
                event_.occurred_at = format_time(*time);
            } else {
                mistake = "The time must be an RFC 3339 time such as 2018-02-01T11:12:01Z.";
            }
            break;
        case Member::datacontenttype:
            mistake = mistake_in_label("datacontenttype", text, kMaxSourceCharacters);
            if (without_parameters(text) != "application/json") add_attribute(to_json_string(text));
            break;
        case Member::dataschema:
            mistake = mistake_in_label("dataschema", text, kMaxSourceCharacters);
            add_attribute(to_json_string(text));
            break;
        case Member::data_base64:
            set_base64(std::string(text));
            break;
        case Member::extension:
            set_raw(member, to_json_string(text));
            break;
        case Member::data:
        case Member::unknown:
            break;
    }
    if (mistake) add_mistake(std::move(*mistake));
}

void CloudEventDraft::set_no_text(Member member, std::string_view json) {
    if (member == Member::unknown) return;
    if (json == "null") {
        seen_ &= ~(1U << static_cast<unsigned>(member));
    } else {
        add_mistake(fmt::format("The {} must be a string.", name_of(member)));
    }
}

void CloudEventDraft::set_raw(Member member, std::string_view json) {
    if (member == Member::data) {
        event_.payload = json;
        check_size(json.size());
    } else if (json == "null") {
        extensions_.pop_back();
    } else if (!is_attribute_value(json) || json.size() > kMaxExtensionBytes) {
        add_mistake(
            fmt::format("An extension is a string of up to {} bytes, a boolean or an integer of 32 bits.",
                        kMaxExtensionBytes));
    } else {
        add_attribute(json);
    }
}

void CloudEventDraft::set_base64(std::string text) {
    check_size(text.size() / 4 * 3);
    if (!is_base64(text)) add_mistake("The data_base64 must be base64 with padding (RFC 4648 section 4).");
    event_.payload_base64 = std::move(text);
}

void CloudEventDraft::refuse_no_object() {
    is_object_ = false;
    mistakes_.add(Refusal::Kind::invalid, "", "An event must be a JSON object.");
}

std::expected<SentEvent, Refusal> CloudEventDraft::finish() && {
    if (is_object_) {
        for (const auto member : {Member::specversion, Member::id, Member::source, Member::type})
            require(member);
        if (was_seen(Member::data) && was_seen(Member::data_base64)) {
            mistakes_.add(Refusal::Kind::invalid, "/data_base64",
                          "Data is either \"data\" or \"data_base64\".");
        }
        if (!was_seen(Member::data)) event_.payload = "null";
    }
    if (mistakes_.is_empty()) return std::move(event_);
    return std::unexpected(std::move(mistakes_).take());
}

void CloudEventDraft::add_mistake(std::string detail, Refusal::Kind kind) {
    mistakes_.add(kind, pointer_to_member(name_), std::move(detail));
}

void CloudEventDraft::add_attribute(std::string_view json) {
    if (!event_.attributes.empty()) event_.attributes += ',';
    event_.attributes.append("\"").append(name_).append("\":").append(json);
}

void CloudEventDraft::check_size(std::size_t bytes) {
    if (bytes <= max_payload_bytes_) return;
    add_mistake(fmt::format("The data has more than {} bytes.", max_payload_bytes_),
                Refusal::Kind::too_large);
}

void CloudEventDraft::require(Member member) {
    if (was_seen(member)) return;
    mistakes_.add(Refusal::Kind::invalid, pointer_to_member(name_of(member)),
                  fmt::format("The member \"{}\" is missing.", name_of(member)));
}

}  // namespace headwater
