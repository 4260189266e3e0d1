#include "core/json_schema_pattern.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>

#include <fmt/format.h>

namespace headwater::json {
namespace {

constexpr std::size_t kMaxLength = 1000;
constexpr std::size_t kMaxStates = 5000;

/// What is known of a part of a pattern.
struct Part {
    std::size_t states = 0;
    bool may_be_empty = true;
};

struct Quantifier {
    std::size_t least = 0;
    std::optional<std::size_t> most;  ///< without end when unset
    std::string text;
};

// The classes behind \d, \w and \s, as ranges.
std::optional<std::string_view> ranges_of(char letter) {
    switch (letter | 0x20) {
        case 'd':
            return "0-9";
        case 'w':
            return "A-Za-z0-9_-_";
        case 's':
            return "\t-\r -\x20";
        default:
            return std::nullopt;
    }
}

/// Reads a pattern by recursive descent and writes it out again. The first mistake ends it.
class PatternReader {
  public:
    explicit PatternReader(std::string_view pattern) : rest_(pattern) {}

    std::expected<std::string, std::string> run() {
        const bool has_begin = take("^");
        if (has_begin) out_ += '^';
        std::size_t branches = 0;
        const auto whole = alternation(branches);
        const bool has_end = take("$");
        if (has_end) out_ += '$';
        if (!rest_.empty()) fail("a bracket or an anchor stands where it cannot be used");
        if ((has_begin || has_end) && branches > 1) fail("anchors and alternatives need a group: ^(a|b)$");
        if (whole.states == 0) fail("it is empty");
        if (whole.states > kMaxStates) fail("it is too big");
        if (!mistake_.empty()) return std::unexpected(std::move(mistake_));
        return out_;
    }

  private:
    void fail(std::string_view why) {
        if (mistake_.empty()) mistake_ = std::string(why);
        rest_ = {};
    }
    bool take(std::string_view text) {
        if (!rest_.starts_with(text)) return false;
        rest_.remove_prefix(text.size());
        return true;
    }
    // One character, of one to four bytes of UTF-8.
    std::string_view take_character() {
        std::size_t length = std::min<std::size_t>(1, rest_.size());
        while (length < rest_.size() && (static_cast<unsigned char>(rest_[length]) & 0xC0) == 0x80) ++length;
        const auto character = rest_.substr(0, length);
        rest_.remove_prefix(length);
        return character;
    }
    void put_literal(std::string_view character) {
        static constexpr std::string_view kSpecial = "^$|()?*+.[]{}\\";
        if (kSpecial.find(character) != std::string_view::npos) out_ += '\\';
        out_ += character;
    }

    Part alternation(std::size_t& branches) {
        Part all{0, false};
        std::size_t empty_ones = 0;
        do {
            if (branches++ > 0) out_ += '|';
            const auto branch = sequence();
            all.states += branch.states + 1;
            if (branch.may_be_empty) ++empty_ones;
        } while (take("|"));
        all.may_be_empty = empty_ones > 0;
        if (empty_ones > 1) fail("more than one alternative may be empty");
        return all;
    }

    Part sequence() {
        Part all;
        while (!rest_.empty() && rest_[0] != '|' && rest_[0] != ')' && rest_[0] != '$') {
            const auto part = repeated();
            all.states += part.states;
            all.may_be_empty = all.may_be_empty && part.may_be_empty;
        }
        if (all.states == 0) fail("a part of it is empty");
        return all;
    }

    Part repeated() {
        auto part = atom();
        const auto quantifier = take_quantifier();
        if (!quantifier) return part;
        if (part.may_be_empty) fail("a part that may be empty is repeated");
        out_ += quantifier->text;
        part.may_be_empty = quantifier->least == 0;
        part.states *= std::max<std::size_t>(1, quantifier->most.value_or(quantifier->least));
        part.states += 1;
        if (part.states > kMaxStates) fail("it is too big");
        return part;
    }

    std::optional<Quantifier> take_quantifier() {
        std::optional<Quantifier> found;
        if (take("*")) {
            found = Quantifier{0, std::nullopt, "*"};
        } else if (take("+")) {
            found = Quantifier{1, std::nullopt, "+"};
        } else if (take("?")) {
            found = Quantifier{0, 1, "?"};
        } else if (take("{")) {
            found = counted();
        }
        if (found) take("?");  // a lazy match accepts the same texts
        if (found && !rest_.empty() && std::string_view("*+?{").contains(rest_[0]))
            fail("a repetition is repeated");
        return found;
    }

    std::optional<Quantifier> counted() {
        Quantifier found;
        found.least = count();
        if (!take(",")) {
            found.most = found.least;
        } else if (!rest_.starts_with('}')) {
            found.most = count();
        }
        if (!take("}") || found.most.value_or(1) == 0 || found.most.value_or(found.least) < found.least) {
            fail("a repetition is not of the form {n}, {n,} or {n,m}");
        }
        found.text = found.most ? fmt::format("{{{},{}}}", found.least, *found.most)
                                : fmt::format("{{{},}}", found.least);
        return found;
    }

    std::size_t count() {
        std::size_t value = 0;
        const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
        if (error != std::errc{} || value > kMaxStates) {
            fail("a repetition is not a number or too big");
            return 0;
        }
        rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
        return value;
    }

    Part atom() {
        if (take("(")) return group();
        if (take("[")) return character_class();
        if (take(".")) {
            out_ += '.';
        } else if (take("\\")) {
            escape();
        } else if (std::string_view("*+?{^").contains(rest_[0])) {
            fail("a repetition has nothing before it, or an anchor stands in the middle");
        } else {
            put_literal(take_character());
        }
        return {1, false};
    }

    Part group() {
        if (!take("?:") && rest_.starts_with('?')) fail("look-around and named groups are not supported");
        out_ += '(';
        std::size_t branches = 0;
        const auto part = alternation(branches);
        if (!take(")")) fail("a group is not closed");
        out_ += ')';
        return part;
    }

    void escape() {
        const auto character = take_character();
        if (character.empty()) return fail("it ends in a backslash");
        if (const auto ranges = ranges_of(character[0])) {
            out_ += character[0] >= 'a' ? "[" : "[^";
            out_ += *ranges;
            out_ += ']';
        } else if (const auto literal = escaped(character)) {
            put_literal(*literal);
        }
    }

    // The character that an escape stands for.
    std::optional<std::string_view> escaped(std::string_view character) {
        static constexpr std::string_view kLetters = "fnrtv";
        static constexpr std::string_view kControls = "\f\n\r\t\v";
        if (const auto at = kLetters.find(character); at != std::string_view::npos)
            return kControls.substr(at, 1);
        const char c = character[0];
        const bool is_word = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
        if (!is_word) return character;
        fail("an escape is not supported");
        return std::nullopt;
    }

    Part character_class() {
        out_ += take("^") ? "[^" : "[";
        if (rest_.starts_with(']')) fail("a class of characters is empty");
        while (!rest_.empty() && rest_[0] != ']') class_item();
        if (!take("]")) fail("a class of characters is not closed");
        out_ += ']';
        return {1, false};
    }

    // Everything in a class is written as a range, so that no '-' can be taken for something else.
    void class_item() {
        if (rest_[0] == '\\' && rest_.size() > 1 && ranges_of(rest_[1])) {
            if (rest_[1] < 'a') return fail("\\D, \\W and \\S are not supported inside of a class");
            out_ += *ranges_of(rest_[1]);
            rest_.remove_prefix(2);
            return;
        }
        const auto first = class_character();
        auto last = first;
        if (rest_.size() > 1 && rest_[0] == '-' && rest_[1] != ']') {
            rest_.remove_prefix(1);
            last = class_character();
        }
        put_literal(first);
        out_ += '-';
        put_literal(last);
    }

    std::string_view class_character() {
        if (!take("\\")) return take_character();
        const auto character = take_character();
        if (character.empty()) return character;
        return escaped(character).value_or("");
    }

    std::string_view rest_;
    std::string out_;
    std::string mistake_;
};

}  // namespace

std::expected<std::string, std::string> prepare_pattern(std::string_view pattern) {
    std::expected<std::string, std::string> prepared;
    if (pattern.size() > kMaxLength) {
        prepared = std::unexpected(fmt::format("it has more than {} bytes", kMaxLength));
    } else if (pattern.contains('\0')) {
        prepared = std::unexpected("it holds a NUL character");
    } else {
        prepared = PatternReader(pattern).run();
    }
    if (prepared) return prepared;
    return std::unexpected(fmt::format("A pattern of the schema cannot be used: {}.", prepared.error()));
}

}  // namespace headwater::json
