#include "postgres/sql_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <charconv>
#include <chrono>

#include "core/json_text.hpp"

namespace headwater::postgres {

using namespace std::chrono;

namespace {

constexpr Timestamp kFirst = sys_days{year{1} / 1 / 1};
constexpr Timestamp kEnd = sys_days{year{10000} / 1 / 1};

int number(std::string_view text) {
    return static_cast<int>(parse_int64(text));
}

}  // namespace

std::string to_sql(Timestamp moment) {
    if (moment < kFirst) return "-infinity";
    if (moment >= kEnd) return "infinity";
    const auto day = floor<days>(moment);
    const year_month_day date{day};
    const hh_mm_ss time{moment - day};
    return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:06}+00", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       time.hours().count(), time.minutes().count(), time.seconds().count(),
                       time.subseconds().count());
}

Timestamp parse_sql_time(std::string_view text) {
    if (text == "infinity") return Timestamp::max();
    if (text == "-infinity") return Timestamp::min();
    // "2018-02-01 11:12:01.5+00"
    assert(text.size() >= 22 && text.ends_with("+00"));
    text.remove_suffix(3);
    const year_month_day date{year{number(text.substr(0, 4))},
                              month{static_cast<unsigned>(number(text.substr(5, 2)))},
                              day{static_cast<unsigned>(number(text.substr(8, 2)))}};
    Timestamp moment = sys_days{date} + hours{number(text.substr(11, 2))} +
                       minutes{number(text.substr(14, 2))} + seconds{number(text.substr(17, 2))};
    if (text.size() > 20) {
        const std::string_view fraction = text.substr(20, 6);
        int micros = number(fraction);
        for (auto digits = fraction.size(); digits < 6; ++digits) micros *= 10;
        moment += microseconds{micros};
    }
    return moment;
}

std::string to_storable(std::string_view text, std::size_t max_bytes) {
    const auto is_inside_character = [&](std::size_t at) {
        return (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;
    };
    if (text.size() > max_bytes) {
        while (max_bytes > 0 && is_inside_character(max_bytes)) --max_bytes;
        text = text.substr(0, max_bytes);
    }
    std::string stored(text);
    std::erase(stored, '\0');
    if (!is_valid_utf8(stored)) {
        std::ranges::replace_if(
            stored, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
    }
    return stored;
}

std::vector<std::string_view> split_sql_array(std::string_view text) {
    std::vector<std::string_view> elements;
    if (text.size() <= 2) return elements;
    text = text.substr(1, text.size() - 2);
    while (true) {
        const auto comma = text.find(',');
        const auto element = text.substr(0, comma);
        elements.push_back(element == "NULL" ? std::string_view{} : element);
        if (comma == std::string_view::npos) return elements;
        text.remove_prefix(comma + 1);
    }
}

std::string to_sql_array(const std::vector<std::string>& texts) {
    std::string array = "{";
    for (const std::string& text : texts) {
        array += array.size() > 1 ? ",\"" : "\"";
        for (const char c : text) {
            if (c == '"' || c == '\\') array += '\\';
            array += c;
        }
        array += '"';
    }
    return array + "}";
}

std::int64_t parse_int64(std::string_view text) {
    std::int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

}  // namespace headwater::postgres
