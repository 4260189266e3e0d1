#include "cli/json/json_view.hpp"

#include <algorithm>
#include <charconv>

#include "core/json_text.hpp"

namespace headwater::cli {
namespace {

/// Walks well-formed JSON, byte by byte.
class Walker {
  public:
    explicit Walker(std::string_view text) : text_(text) { skip_space(); }

    [[nodiscard]] bool is_at_end() const { return at_ >= text_.size(); }
    [[nodiscard]] char peek() const { return is_at_end() ? '\0' : text_[at_]; }
    /// Steps over one byte and the space behind it.
    void step() {
        ++at_;
        skip_space();
    }
    /// The value that begins here; stands behind it and the space that follows.
    std::string_view take_value() {
        const std::size_t begin = at_;
        skip_value();
        const std::string_view value = text_.substr(begin, at_ - begin);
        skip_space();
        return value;
    }

  private:
    void skip_space() {
        while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) {
            ++at_;
        }
    }
    void skip_string() {
        for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
            if (text_[at_] == '\\') ++at_;
        }
        ++at_;
    }
    void skip_value() {
        if (peek() == '"') return skip_string();
        if (peek() != '{' && peek() != '[') {
            at_ = std::min(text_.find_first_of(",]} \t\r\n", at_), text_.size());
            return;
        }
        std::size_t depth = 0;
        do {
            const char c = text_[at_];
            if (c == '"') {
                skip_string();
                continue;
            }
            if (c == '{' || c == '[') ++depth;
            if (c == '}' || c == ']') --depth;
            ++at_;
        } while (depth > 0 && at_ < text_.size());
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

void append_utf8(std::string& out, unsigned code) {
    const auto byte = [&out](unsigned bits) { out += static_cast<char>(bits); };
    if (code < 0x80) return byte(code);
    if (code < 0x800) {
        byte(0xC0 | code >> 6);
    } else if (code < 0x10000) {
        byte(0xE0 | code >> 12);
        byte(0x80 | (code >> 6 & 0x3F));
    } else {
        byte(0xF0 | code >> 18);
        byte(0x80 | (code >> 12 & 0x3F));
        byte(0x80 | (code >> 6 & 0x3F));
    }
    byte(0x80 | (code & 0x3F));
}

unsigned hex_at(std::string_view text, std::size_t at) {
    unsigned value = 0;
    const std::string_view digits = text.substr(std::min(at, text.size()), 4);
    std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    return value;
}

/// What stands between the quotes, escapes resolved.
std::string decode(std::string_view inside) {
    static constexpr std::string_view kEscapes = "\"\\/bfnrt";
    static constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    std::string out;
    for (std::size_t i = 0; i < inside.size(); ++i) {
        if (inside[i] != '\\') {
            out += inside[i];
            continue;
        }
        ++i;
        if (inside[i] != 'u') {
            out += kMeanings[kEscapes.find(inside[i])];
            continue;
        }
        unsigned code = hex_at(inside, i + 1);
        i += 4;
        if (code >= 0xD800 && code < 0xDC00) {
            code = 0x10000 + ((code - 0xD800) << 10) + (hex_at(inside, i + 3) - 0xDC00);
            i += 6;
        }
        append_utf8(out, code);
    }
    return out;
}

}  // namespace

std::optional<Json> Json::parse(std::string text) {
    if (!check_json(text, 160)) return std::nullopt;
    const auto kept = std::make_shared<const std::string>(std::move(text));
    return Json(kept, Walker(*kept).take_value());
}

Json Json::operator[](std::string_view name) const {
    for (auto& [member, value] : members()) {
        if (member == name) return value;
    }
    return {};
}

std::vector<std::pair<std::string, Json>> Json::members() const {
    std::vector<std::pair<std::string, Json>> found;
    if (!is_object()) return found;
    Walker walker(bytes_);
    walker.step();
    while (walker.peek() == '"') {
        const std::string_view name = walker.take_value();
        walker.step();  // the colon
        found.emplace_back(decode(name.substr(1, name.size() - 2)), Json(text_, walker.take_value()));
        if (walker.peek() == ',') walker.step();
    }
    return found;
}

std::vector<Json> Json::elements() const {
    std::vector<Json> found;
    if (!is_array()) return found;
    Walker walker(bytes_);
    walker.step();
    while (!walker.is_at_end() && walker.peek() != ']') {
        found.push_back(Json(text_, walker.take_value()));
        if (walker.peek() == ',') walker.step();
    }
    return found;
}

std::string Json::text() const {
    if (is_null()) return "";
    return is_string() ? decode(bytes_.substr(1, bytes_.size() - 2)) : std::string(bytes_);
}

long long Json::number() const {
    long long value = 0;
    const std::string digits = text();
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
}

std::string Json::compact() const {
    std::string out;
    bool is_inside = false;
    for (std::size_t i = 0; i < bytes_.size(); ++i) {
        const char c = bytes_[i];
        if (is_inside && c == '\\') {
            out += {c, bytes_[++i]};
            continue;
        }
        if (c == '"') is_inside = !is_inside;
        if (is_inside || std::string_view(" \t\r\n").find(c) == std::string_view::npos) out += c;
    }
    return out;
}

std::string link_of(const Json& links, std::string_view relation) {
    for (const Json& link : links.elements()) {
        if (link["rel"].text() == relation) return link["href"].text();
    }
    return "";
}

bool is_same_value(const Json& left, const Json& right) {
    if (left.is_object() && right.is_object()) {
        const auto members = left.members();
        return members.size() == right.members().size() &&
               std::ranges::all_of(members, [&](const auto& member) {
                   const Json other = right[member.first];
                   return !other.is_absent() && is_same_value(member.second, other);
               });
    }
    if (left.is_array() && right.is_array()) {
        return std::ranges::equal(left.elements(), right.elements(), is_same_value);
    }
    if (left.is_string() && right.is_string()) return left.text() == right.text();
    return left.bytes() == right.bytes();
}

}  // namespace headwater::cli
