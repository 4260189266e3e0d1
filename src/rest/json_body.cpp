#include "rest/json_body.hpp"

#include <algorithm>

#include "core/json_pointer.hpp"
#include "core/json_text.hpp"
#include "rest/refusals.hpp"

namespace headwater::rest {
namespace {

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// Walks over JSON that is known to be well-formed.
class Walker {
  public:
    explicit Walker(std::string_view text) : text_(text) { skip_space(); }

    [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    /// Steps over one character and the space behind it.
    void step() {
        ++at_;
        skip_space();
    }
    /// Steps over one value and gives back its bytes.
    std::string_view take_value() {
        const std::size_t begin = at_;
        int depth = 0;
        do {
            const char c = text_[at_];
            if (c == '"') {
                skip_string();
            } else if (c == '{' || c == '[') {
                ++depth;
                ++at_;
            } else if (c == '}' || c == ']') {
                --depth;
                ++at_;
            } else if (depth > 0) {
                ++at_;
            } else {
                skip_scalar();
            }
        } while (depth > 0 && at_ < text_.size());
        const std::string_view value = text_.substr(begin, at_ - begin);
        skip_space();
        return value;
    }

  private:
    void skip_space() {
        while (at_ < text_.size() && is_space(text_[at_])) ++at_;
    }
    void skip_string() {
        for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) at_ += text_[at_] == '\\' ? 1 : 0;
        ++at_;
    }
    void skip_scalar() {
        const std::size_t begin = at_;
        while (at_ < text_.size() && !is_space(text_[at_]) && text_[at_] != ',' && text_[at_] != '}' &&
               text_[at_] != ']') {
            ++at_;
        }
        if (at_ == begin) at_ = text_.size();  // cannot be, in well-formed text
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

unsigned read_hex4(std::string_view text) {
    unsigned value = 0;
    for (const char c : text.substr(0, 4)) {
        value = value * 16 + static_cast<unsigned>(c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
    }
    return value;
}

void append_utf8(std::string& out, unsigned code) {
    const auto tail = [&out, code](int shift) {
        out.push_back(static_cast<char>(0x80 | ((code >> shift) & 0x3f)));
    };
    if (code < 0x80) {
        out.push_back(static_cast<char>(code));
    } else if (code < 0x800) {
        out.push_back(static_cast<char>(0xc0 | (code >> 6)));
        tail(0);
    } else if (code < 0x10000) {
        out.push_back(static_cast<char>(0xe0 | (code >> 12)));
        tail(6);
        tail(0);
    } else {
        out.push_back(static_cast<char>(0xf0 | (code >> 18)));
        tail(12);
        tail(6);
        tail(0);
    }
}

/// Appends the escape whose letter stands at `at`; returns the place behind it.
std::size_t append_escape(std::string& out, std::string_view text, std::size_t at) {
    constexpr std::string_view kLetters = "bfnrt";
    constexpr std::string_view kMeanings = "\b\f\n\r\t";
    if (text[at] != 'u') {
        const std::size_t letter = kLetters.find(text[at]);
        out.push_back(letter == std::string_view::npos ? text[at] : kMeanings[letter]);
        return at + 1;
    }
    unsigned code = read_hex4(text.substr(at + 1));
    at += 5;
    if (code >= 0xd800 && code < 0xdc00 && at + 6 <= text.size()) {
        code = 0x10000 + ((code - 0xd800) << 10) + (read_hex4(text.substr(at + 2)) - 0xdc00);
        at += 6;
    }
    append_utf8(out, code);
    return at;
}

}  // namespace

std::expected<JsonMembers, Refusal> JsonMembers::read(std::string_view json,
                                                      std::span<const std::string_view> known,
                                                      std::string_view pointer) {
    Walker walker(json);
    if (walker.peek() != '{') return refuse_field(std::string(pointer), "A JSON object is needed here.");
    JsonMembers members;
    std::vector<FieldError> errors;
    for (walker.step(); walker.peek() == '"';) {
        std::string name = *json_string(walker.take_value());
        walker.step();
        const std::string_view value = walker.take_value();
        if (walker.peek() == ',') walker.step();
        const std::string place = std::string(pointer) + json_pointer_step(name);
        if (members.find(name)) {
            return std::unexpected(Refusal{Refusal::Kind::malformed,
                                           "A member stands there twice.",
                                           {{place, "This member stands there twice."}}});
        }
        if (!known.empty() && std::ranges::find(known, name) == known.end()) {
            errors.push_back({place, "This member is not known."});
        }
        members.members_.push_back({std::move(name), value});
    }
    if (!errors.empty()) {
        return std::unexpected(
            Refusal{Refusal::Kind::invalid, "The body has unknown members.", std::move(errors)});
    }
    return members;
}

std::optional<std::string_view> JsonMembers::find(std::string_view name) const {
    const auto found = std::ranges::find(members_, name, &Member::name);
    if (found == members_.end()) return std::nullopt;
    return found->value;
}

std::string JsonMembers::without(std::string_view name) const {
    std::string out = "{";
    for (const Member& member : members_) {
        if (member.name == name) continue;
        if (out.size() > 1) out += ',';
        append_json_string(out, member.name);
        out.append(":").append(member.value);
    }
    return out + "}";
}

std::optional<std::vector<std::string_view>> json_elements(std::string_view json) {
    Walker walker(json);
    if (walker.peek() != '[') return std::nullopt;
    std::vector<std::string_view> elements;
    walker.step();
    while (walker.peek() != ']' && walker.peek() != '\0') {
        elements.push_back(walker.take_value());
        if (walker.peek() == ',') walker.step();
    }
    return elements;
}

std::optional<std::string> json_string(std::string_view json) {
    if (json.size() < 2 || json.front() != '"') return std::nullopt;
    const std::string_view text = json.substr(1, json.size() - 2);
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] == '\\') {
            at = append_escape(out, text, at + 1);
        } else {
            out.push_back(text[at++]);
        }
    }
    return out;
}

std::optional<std::vector<std::string>> json_strings(std::string_view json) {
    const auto elements = json_elements(json);
    if (!elements) return std::nullopt;
    std::vector<std::string> strings;
    for (const std::string_view element : *elements) {
        auto text = json_string(element);
        if (!text) return std::nullopt;
        strings.push_back(std::move(*text));
    }
    return strings;
}

}  // namespace headwater::rest
