#include "core/json_scan.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace headwater::json {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::optional<unsigned> hex4(std::string_view text) {
    if (text.size() < 4) return std::nullopt;
    unsigned value = 0;
    for (const char c : text.substr(0, 4)) {
        const char lower = static_cast<char>(c | 0x20);
        if (!is_digit(c) && (lower < 'a' || lower > 'f')) return std::nullopt;
        value = value * 16 + static_cast<unsigned>(is_digit(c) ? c - '0' : lower - 'a' + 10);
    }
    return value;
}

// How many characters the escape at the beginning of the text takes; 0 for a surrogate without its partner.
// Escapes that are wrong in another way are left to the parser.
std::size_t escape_length(std::string_view text) {
    if (!text.starts_with("\\u")) return 2;
    const auto first = hex4(text.substr(2));
    if (!first || *first < 0xD800 || *first > 0xDFFF) return 2;
    const bool has_second = *first <= 0xDBFF && text.size() >= 12 && text.substr(6, 2) == "\\u";
    const auto second = has_second ? hex4(text.substr(8)) : std::nullopt;
    return second && *second >= 0xDC00 && *second <= 0xDFFF ? 12 : 0;
}

std::optional<std::size_t> find_lone_surrogate(std::string_view text) {
    std::size_t at = text.find('\\');
    while (at != std::string_view::npos && at + 1 < text.size()) {
        const auto length = escape_length(text.substr(at));
        if (length == 0) return at;
        at = text.find('\\', at + length);
    }
    return std::nullopt;
}

// Where the string that begins at `at` ends: behind its closing quote, or at the end of the text.
std::size_t skip_string(std::string_view text, std::size_t at) {
    for (++at; at < text.size() && text[at] != '"'; ++at) {
        if (text[at] == '\\') ++at;
    }
    return at + 1;
}

std::string_view take_digits(std::string_view text) {
    std::size_t count = 0;
    while (count < text.size() && is_digit(text[count])) ++count;
    text.remove_prefix(count);
    return text;
}

// RFC 8259, section 6.
bool is_number(std::string_view text) {
    if (text.starts_with('-')) text.remove_prefix(1);
    const auto integer = text;
    text = take_digits(text);
    const auto digits = integer.size() - text.size();
    if (digits == 0 || (integer[0] == '0' && digits > 1)) return false;
    if (text.starts_with('.')) {
        const auto fraction = text.substr(1);
        text = take_digits(fraction);
        if (text.size() == fraction.size()) return false;
    }
    if (text.starts_with('e') || text.starts_with('E')) {
        auto exponent = text.substr(1);
        if (exponent.starts_with('+') || exponent.starts_with('-')) exponent.remove_prefix(1);
        text = take_digits(exponent);
        if (text.size() == exponent.size()) return false;
    }
    return text.empty();
}

}  // namespace

std::string to_sentence(const Mistake& mistake) {
    return fmt::format("The JSON is malformed at byte {}: {}.", mistake.offset, mistake.reason);
}

std::optional<Mistake> find_forbidden_bytes(std::string_view text) {
    if (text.starts_with("\xEF\xBB\xBF")) return Mistake{0, "it begins with a byte order mark"};
    if (const auto nul = text.find('\0'); nul != std::string_view::npos)
        return Mistake{nul, "there is a NUL byte"};
    if (const auto surrogate = find_lone_surrogate(text)) {
        return Mistake{*surrogate, "a surrogate escape stands without its partner"};
    }
    return std::nullopt;
}

std::string with_small_numbers(std::string_view text) {
    static constexpr std::size_t kShortestTooBig = std::string_view("1e309").size();
    std::string result(text);
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] == '"') {
            at = skip_string(text, at);
        } else if (text[at] == '-' || is_digit(text[at])) {
            const auto end = std::min(text.find_first_not_of("+-.eE0123456789", at), text.size());
            if (end - at >= kShortestTooBig && is_number(text.substr(at, end - at))) {
                result.replace(at, end - at, end - at, '0');
                result[at + 1] = '.';
            }
            at = end;
        } else {
            ++at;
        }
    }
    return result;
}

std::string reason_of(rapidjson::ParseErrorCode code) {
    switch (code) {
        case rapidjson::kParseErrorNone:
        case rapidjson::kParseErrorTermination:
            return "";
        case rapidjson::kParseErrorUnspecificSyntaxError:
            break;
        case rapidjson::kParseErrorDocumentEmpty:
            return "there is no value";
        case rapidjson::kParseErrorDocumentRootNotSingular:
            return "there is something after the end of the value";
        case rapidjson::kParseErrorValueInvalid:
            return "a value was expected";
        case rapidjson::kParseErrorObjectMissName:
            return "a member's name in double quotes was expected";
        case rapidjson::kParseErrorObjectMissColon:
            return "a colon was expected after a member's name";
        case rapidjson::kParseErrorObjectMissCommaOrCurlyBracket:
            return "a comma or a closing brace was expected";
        case rapidjson::kParseErrorArrayMissCommaOrSquareBracket:
            return "a comma or a closing bracket was expected";
        case rapidjson::kParseErrorStringUnicodeEscapeInvalidHex:
            return "four hexadecimal digits were expected after \\u";
        case rapidjson::kParseErrorStringUnicodeSurrogateInvalid:
            return "a surrogate escape stands without its partner";
        case rapidjson::kParseErrorStringEscapeInvalid:
            return "a string holds a bare control character or an unknown escape";
        case rapidjson::kParseErrorStringMissQuotationMark:
            return "a string is not closed";
        case rapidjson::kParseErrorStringInvalidEncoding:
            return "the text is not valid UTF-8";
        case rapidjson::kParseErrorNumberTooBig:
            return "a number is too big";
        case rapidjson::kParseErrorNumberMissFraction:
            return "a digit was expected after a decimal point";
        case rapidjson::kParseErrorNumberMissExponent:
            return "a digit was expected in an exponent";
    }
    return "it cannot be read";
}

}  // namespace headwater::json
