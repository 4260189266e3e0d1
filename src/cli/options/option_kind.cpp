#include "cli/options/option_kind.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <limits>

namespace headwater::cli {
namespace {

using Texts = std::vector<std::string>;
using Complaint = std::optional<std::string>;

std::optional<std::int64_t> parse_whole(std::string_view text) {
    std::int64_t value = 0;
    const auto [last, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc{} || last != text.data() + text.size()) return std::nullopt;
    return value;
}

std::string range_text(std::int64_t least, std::int64_t most) {
    return std::to_string(least) + " to " + std::to_string(most);
}

template <class Number>
OptionKind make_number(Number& target, std::int64_t least, std::int64_t most) {
    const std::string range = range_text(least, most);
    return {"N", std::to_string(target), range, false,
            [&target, least, most, range](const Texts& texts) -> Complaint {
                const auto value = parse_whole(texts.front());
                if (!value || *value < least || *value > most) {
                    return "'" + texts.front() + "' is not a whole number from " + range;
                }
                target = static_cast<Number>(*value);
                return std::nullopt;
            }};
}

int shift_of(std::string unit) {
    std::ranges::transform(unit, unit.begin(), [](unsigned char c) { return std::tolower(c); });
    if (unit.empty() || unit == "b") return 0;
    const std::size_t power = std::string_view("kmg").find(unit.front());
    const std::string rest = unit.substr(1);
    const bool is_unit = power != std::string_view::npos && (rest.empty() || rest == "b" || rest == "ib");
    return is_unit ? static_cast<int>(power + 1) * 10 : -1;
}

}  // namespace

OptionKind text(std::string& target, std::string value, CheckText check) {
    return {std::move(value), target, "", false,
            [&target, check = std::move(check)](const Texts& texts) -> Complaint {
                target = texts.front();
                return check ? check(target) : std::nullopt;
            }};
}

OptionKind path(std::filesystem::path& target) {
    return {"PATH", target.string(), "", false, [&target](const Texts& texts) -> Complaint {
                target = std::filesystem::absolute(texts.front());
                return std::nullopt;
            }};
}

OptionKind texts(std::vector<std::string>& target, std::string value, CheckText check) {
    return {std::move(value), "", "", true,
            [&target, check = std::move(check)](const Texts& given) -> Complaint {
                target = given;
                for (const std::string& one : given) {
                    if (auto complaint = check ? check(one) : std::nullopt) return complaint;
                }
                return std::nullopt;
            }};
}

OptionKind base_url(std::string& target) {
    return {"URL", target, "", false, [&target](const Texts& texts) -> Complaint {
                target = texts.front();
                while (target.ends_with('/')) target.pop_back();
                if (target.starts_with("http://") || target.starts_with("https://")) return std::nullopt;
                return "expected an http:// or https:// address";
            }};
}

OptionKind choice(std::string& target, std::vector<std::string> allowed) {
    std::string list;
    for (const std::string& name : allowed) {
        if (!list.empty()) list += name == allowed.back() ? " or " : ", ";
        list += name;
    }
    OptionKind kind{"NAME", target, list, false, [&target, list, allowed](const Texts& texts) -> Complaint {
                        target = texts.front();
                        if (std::ranges::find(allowed, target) != allowed.end()) return std::nullopt;
                        return "'" + target + "' is not " + list;
                    }};
    kind.names = std::move(allowed);
    return kind;
}

OptionKind flag(bool& target) {
    return {"", "", "", false, [&target](const Texts& texts) -> Complaint {
                const std::string& given = texts.front();
                target = given == "true" || given == "1" || given == "yes" || given == "on";
                if (target || given == "false" || given == "0" || given == "no" || given == "off") {
                    return std::nullopt;
                }
                return "'" + given + "' is neither true nor false";
            }};
}

OptionKind number(std::size_t& target, std::int64_t least, std::int64_t most) {
    return make_number(target, least, most);
}

OptionKind number(int& target, std::int64_t least, std::int64_t most) {
    return make_number(target, least, most);
}

std::string to_byte_text(std::int64_t bytes) {
    static constexpr const char* kUnits[] = {"", "KiB", "MiB", "GiB"};
    std::size_t unit = 0;
    while (unit < 3 && bytes >= 1024 && bytes % 1024 == 0) {
        bytes /= 1024;
        ++unit;
    }
    return std::to_string(bytes) + kUnits[unit];
}

std::expected<std::int64_t, std::string> parse_bytes(const std::string& text) {
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    std::size_t unit = digits;
    while (unit < text.size() && text[unit] == ' ') ++unit;
    const auto count = parse_whole(std::string_view(text).substr(0, digits));
    const int shift = shift_of(text.substr(unit));
    if (!count || shift < 0 || *count > (std::numeric_limits<std::int64_t>::max() >> shift)) {
        return std::unexpected("'" + text + "' is not a size such as 4096, 512KiB or 64MiB");
    }
    return *count << shift;
}

OptionKind byte_size(std::size_t& target, std::int64_t least, std::int64_t most) {
    const std::string range = to_byte_text(least) + " to " + to_byte_text(most);
    return {"BYTES", to_byte_text(static_cast<std::int64_t>(target)), range, false,
            [&target, least, most, range](const Texts& texts) -> Complaint {
                const auto value = parse_bytes(texts.front());
                if (!value) return value.error();
                if (*value < least || *value > most) return "'" + texts.front() + "' is not from " + range;
                target = static_cast<std::size_t>(*value);
                return std::nullopt;
            }};
}

OptionKind seconds(std::chrono::seconds& target, int most) {
    const std::string range = "0s to " + std::to_string(most) + "s";
    return {"SECONDS", std::to_string(target.count()) + "s", range, false,
            [&target, most](const Texts& texts) -> Complaint {
                std::string_view given = texts.front();
                if (given.ends_with('s')) given.remove_suffix(1);
                const auto value = parse_whole(given);
                if (!value || *value < 0 || *value > most) {
                    return "'" + texts.front() + "' is not a number of seconds from 0 to " +
                           std::to_string(most) + ", such as 15s";
                }
                target = std::chrono::seconds(*value);
                return std::nullopt;
            }};
}

}  // namespace headwater::cli
