#include "sinks/email/mime.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <vector>

namespace headwater::sinks {
namespace {

constexpr std::size_t kLineBytes = 57;   // of text: 76 characters of base64
constexpr std::size_t kHeaderLine = 78;  // RFC 5322 section 2.1.1
constexpr std::size_t kWordBytes = 42;   // of text in an encoded word of at most 75 characters

std::string to_base64(std::string_view text) {
    std::vector<unsigned char> out(4 * ((text.size() + 2) / 3) + 1);
    const int length = EVP_EncodeBlock(out.data(), reinterpret_cast<const unsigned char*>(text.data()),
                                       static_cast<int>(text.size()));
    return {out.begin(), out.begin() + length};
}

bool is_plain(std::string_view text) {
    return text.find("=?") == std::string_view::npos &&
           std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; });
}

/// At most `most` bytes, and never a part of a character.
std::size_t cut_of(std::string_view text, std::size_t most) {
    std::size_t cut = std::min(most, text.size());
    while (cut > 0 && cut < text.size() && (static_cast<unsigned char>(text[cut]) & 0xC0U) == 0x80U) --cut;
    return cut;
}

}  // namespace

std::string to_mime_base64(std::string_view text) {
    std::string out;
    out.reserve(text.size() * 4 / 3 + text.size() / 28 + 8);
    for (std::size_t at = 0; at < text.size(); at += kLineBytes) {
        out += to_base64(text.substr(at, kLineBytes));
        out += "\r\n";
    }
    return out;
}

std::string to_header_text(std::string_view text, std::size_t name_length) {
    std::string clean(text);
    std::ranges::replace_if(
        clean, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
    if (is_plain(clean) && name_length + 2 + clean.size() <= kHeaderLine) return clean;
    std::string out;
    for (std::string_view rest = clean; !rest.empty();) {
        const std::size_t cut = cut_of(rest, kWordBytes);
        if (!out.empty()) out += "\r\n ";
        out += "=?UTF-8?B?" + to_base64(rest.substr(0, cut)) + "?=";
        rest.remove_prefix(cut);
    }
    return out;
}

std::string to_mail_date(long long unix_seconds) {
    return fmt::format("{:%a, %d %b %Y %H:%M:%S} +0000", fmt::gmtime(static_cast<std::time_t>(unix_seconds)));
}

std::string with_crlf(std::string_view text) {
    std::string out;
    out.reserve(text.size() + text.size() / 32);
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool is_bare = text[i] == '\n' && (i == 0 || text[i - 1] != '\r');
        if (is_bare) out += '\r';
        out += text[i];
        if (text[i] == '\r' && (i + 1 == text.size() || text[i + 1] != '\n')) out += '\n';
    }
    return out;
}

std::string to_html_text(std::string_view text) {
    std::string out;
    out.reserve(text.size() + text.size() / 8);
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\'':
                out += "&#39;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

}  // namespace headwater::sinks
