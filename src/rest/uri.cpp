#include "rest/uri.hpp"

#include <algorithm>
#include <array>

#include "core/json_text.hpp"

namespace headwater::rest {
namespace {

constexpr std::string_view kUnreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::optional<std::string> decode(std::string_view text, char plus) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out.push_back(text[i] == '+' ? plus : text[i]);
            continue;
        }
        if (i + 2 >= text.size()) return std::nullopt;
        const int high = hex_value(text[i + 1]);
        const int low = hex_value(text[i + 2]);
        if (high < 0 || low < 0) return std::nullopt;
        out.push_back(static_cast<char>(high * 16 + low));
        i += 2;
    }
    if (out.find('\0') != std::string::npos || !is_valid_utf8(out)) return std::nullopt;
    return out;
}

std::string encode(std::string_view text, std::string_view also_allowed) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        if (kUnreserved.contains(c) || also_allowed.contains(c)) {
            out.push_back(c);
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out.push_back('%');
        out.push_back(kHex[byte >> 4]);
        out.push_back(kHex[byte & 15]);
    }
    return out;
}

bool is_port(std::string_view text) {
    return text.size() <= 5 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::optional<std::string> percent_decode(std::string_view text) {
    return decode(text, '+');
}

std::optional<std::string> query_decode(std::string_view text) {
    return decode(text, ' ');
}

std::string encode_segment(std::string_view text) {
    return encode(text, ":@!$&'()*+,;=");
}

std::string encode_query_value(std::string_view text) {
    return encode(text, ",:*@");
}

std::optional<Target> parse_target(std::string_view target) {
    Target parsed;
    bool has_authority = false;
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (!target.starts_with(scheme)) continue;
        target.remove_prefix(scheme.size());
        const std::size_t end = std::min(target.find_first_of("/?"), target.size());
        parsed.authority = target.substr(0, end);
        target.remove_prefix(end);
        if (!is_valid_authority(parsed.authority)) return std::nullopt;
        has_authority = true;
        break;
    }
    const std::size_t question = target.find('?');
    parsed.path = target.substr(0, question);
    if (question != std::string_view::npos) parsed.query = target.substr(question + 1);
    if (has_authority && parsed.path.empty()) parsed.path = "/";
    if (target.contains('#')) return std::nullopt;
    if (!parsed.path.starts_with('/') && target != "*") return std::nullopt;
    return parsed;
}

std::optional<std::vector<std::string>> split_path(std::string_view path) {
    std::vector<std::string> segments;
    if (path.starts_with('/')) path.remove_prefix(1);
    if (path.ends_with('/')) path.remove_suffix(1);
    if (path.empty()) return segments;
    segments.reserve(6);
    for (;;) {
        const std::size_t slash = path.find('/');
        std::optional<std::string> segment = percent_decode(path.substr(0, slash));
        if (!segment) return std::nullopt;
        segments.push_back(std::move(*segment));
        if (slash == std::string_view::npos) return segments;
        path.remove_prefix(slash + 1);
    }
}

std::optional<Query> Query::parse(std::string_view text) {
    Query query;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('&'), text.size());
        const std::string_view pair = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (pair.empty()) continue;
        const std::size_t equals = std::min(pair.find('='), pair.size());
        auto name = query_decode(pair.substr(0, equals));
        auto value = query_decode(equals < pair.size() ? pair.substr(equals + 1) : std::string_view{});
        if (!name || !value) return std::nullopt;
        query.parameters_.emplace_back(std::move(*name), std::move(*value));
    }
    return query;
}

std::optional<std::string_view> Query::find(std::string_view name) const {
    const auto found =
        std::ranges::find(parameters_, name, [](const auto& p) { return std::string_view(p.first); });
    if (found == parameters_.end()) return std::nullopt;
    return found->second;
}

std::string redact_target(std::string_view target) {
    const std::size_t question = std::min(target.find('?'), target.size());
    std::string out(target.substr(0, question));
    // Names as the query is read: decoded. A piece that cannot be decoded shows nothing of itself.
    for (std::size_t begin = question; begin < target.size();) {
        const std::size_t end = std::min(target.find('&', begin + 1), target.size());
        const std::string_view piece = target.substr(begin, end - begin);
        const std::size_t equals = std::min(piece.find('='), piece.size());
        const auto name = query_decode(piece.substr(1, equals - 1));
        const bool is_secret = !name || *name == "access_token" || *name == "token";
        out.append(piece.substr(0, is_secret ? std::min(equals + 1, piece.size()) : piece.size()));
        if (is_secret) out += "***";
        begin = end;
    }
    constexpr std::string_view kPing = "/ping/";
    if (out.starts_with(kPing))
        out.replace(kPing.size(), std::min(out.find('?'), out.size()) - kPing.size(), "***");
    return out;
}

bool is_valid_authority(std::string_view text) {
    if (text.empty() || text.size() > 255) return false;
    std::string_view host = text;
    if (text.front() == '[') {
        const std::size_t close = text.find(']');
        if (close == std::string_view::npos || close < 3) return false;
        host = text.substr(1, close - 1);
        const std::string_view rest = text.substr(close + 1);
        if (!rest.empty() && (rest.front() != ':' || !is_port(rest.substr(1)))) return false;
        return std::ranges::all_of(host, [](char c) { return hex_value(c) >= 0 || c == ':' || c == '.'; });
    }
    if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
        if (!is_port(text.substr(colon + 1))) return false;
        host = text.substr(0, colon);
    }
    return !host.empty() && std::ranges::all_of(host, [](char c) { return kUnreserved.contains(c); });
}

}  // namespace headwater::rest
