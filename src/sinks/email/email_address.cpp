#include "sinks/email/email_address.hpp"

#include <algorithm>

namespace headwater::sinks {
namespace {

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// RFC 5322 section 3.2.3.
bool is_atom_text(char c) {
    constexpr std::string_view kMarks = "!#$%&'*+-/=?^_`{|}~";
    return is_letter_or_digit(c) || kMarks.find(c) != std::string_view::npos;
}

bool is_label(std::string_view label) {
    return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
           std::ranges::all_of(label, [](char c) { return is_letter_or_digit(c) || c == '-'; });
}

bool is_atom(std::string_view atom) {
    return !atom.empty() && std::ranges::all_of(atom, is_atom_text);
}

/// Whether every part between the dots is good.
template <class IsPart>
bool is_dotted(std::string_view text, const IsPart& is_part) {
    for (std::size_t dot = text.find('.'); dot != std::string_view::npos; dot = text.find('.')) {
        if (!is_part(text.substr(0, dot))) return false;
        text.remove_prefix(dot + 1);
    }
    return is_part(text);
}

}  // namespace

bool is_email_address(std::string_view text) {
    const std::size_t at = text.rfind('@');
    if (at == std::string_view::npos || text.size() > 254) return false;
    const std::string_view local = text.substr(0, at), domain = domain_of(text);
    return local.size() <= 64 && domain.size() <= 255 && is_dotted(local, is_atom) &&
           is_dotted(domain, is_label);
}

std::string_view domain_of(std::string_view address) {
    const std::size_t at = address.rfind('@');
    return at == std::string_view::npos ? std::string_view() : address.substr(at + 1);
}

}  // namespace headwater::sinks
