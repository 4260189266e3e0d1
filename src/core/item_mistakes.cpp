#include "core/item_mistakes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/type_filter.hpp"

namespace headwater {
namespace {

constexpr std::size_t kMaxErrors = 10;
constexpr std::size_t kMaxShownName = 200;

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

// The graver kind decides how the whole event is refused.
int gravity(Refusal::Kind kind) {
    if (kind == Refusal::Kind::malformed) return 2;
    return kind == Refusal::Kind::too_large ? 1 : 0;
}

}  // namespace

void ItemMistakes::add(Refusal::Kind kind, std::string pointer, std::string detail) {
    const bool is_graver = errors_.empty() || gravity(kind) > gravity(kind_);
    if (is_graver) kind_ = kind;
    if (errors_.size() < kMaxErrors) {
        errors_.push_back({std::move(pointer), std::move(detail)});
    } else if (is_graver) {
        errors_.back() = {std::move(pointer), std::move(detail)};
    }
}

Refusal ItemMistakes::take() && {
    auto detail = errors_.size() == 1 ? errors_[0].detail : std::string("The event has several mistakes.");
    return {kind_, std::move(detail), std::move(errors_)};
}

std::string pointer_to_member(std::string_view name) {
    if (name.size() > kMaxShownName) return "";
    std::string pointer = "/";
    for (const char c : name) {
        if (c == '~') {
            pointer += "~0";
        } else if (c == '/') {
            pointer += "~1";
        } else {
            pointer += c;
        }
    }
    return pointer;
}

std::optional<std::string> mistake_in_label(std::string_view name, std::string_view text, std::size_t most) {
    const auto count = count_characters(text);
    if (count < 1 || count > most) return fmt::format("The {} must have 1 to {} characters.", name, most);
    if (has_control_character(text)) return fmt::format("The {} must not hold control characters.", name);
    return std::nullopt;
}

std::optional<std::string> mistake_in_type(std::string_view text) {
    if (is_event_type_name(text)) return std::nullopt;
    return "The type must have 1 to 200 characters: letters, digits, \"_\", \".\" and \"-\" in segments "
           "that are joined by \":\".";
}

}  // namespace headwater
