#include "core/retention.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <iterator>
#include <limits>
#include <optional>

#include <fmt/format.h>

namespace headwater {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::array kLadder{
    RetentionClass{1, "minute", minutes{1}, seconds{15}},
    RetentionClass{2, "tenminutes", minutes{10}, minutes{1}},
    RetentionClass{3, "hour", hours{1}, minutes{5}},
    RetentionClass{4, "sixhours", hours{6}, minutes{30}},
    RetentionClass{5, "day", days{1}, hours{2}},
    RetentionClass{6, "threedays", days{3}, hours{6}},
    RetentionClass{7, "week", days{7}, hours{12}},
    RetentionClass{8, "twoweeks", days{14}, days{1}},
    RetentionClass{9, "month", days{31}, days{3}},
    RetentionClass{10, "quarter", days{92}, days{7}},
    RetentionClass{11, "year", days{366}, days{31}},
    RetentionClass{12, "decade", days{3653}, days{366}},
    RetentionClass{13, "permanent", seconds::max(), days{31}},
};

struct UnitRow {
    Retention::Unit unit;
    std::string_view singular;
    std::int64_t most;  ///< 100 years of it
};

constexpr std::array kUnits{
    UnitRow{Retention::Unit::seconds, "second", 36'525LL * 86'400},
    UnitRow{Retention::Unit::minutes, "minute", 36'525LL * 1'440},
    UnitRow{Retention::Unit::hours, "hour", 36'525LL * 24},
    UnitRow{Retention::Unit::days, "day", 36'525},
    UnitRow{Retention::Unit::weeks, "week", 36'525 / 7},
    UnitRow{Retention::Unit::months, "month", 1'200},
    UnitRow{Retention::Unit::years, "year", 100},
};

const UnitRow& row_of(Retention::Unit unit) {
    return kUnits[static_cast<std::size_t>(unit)];
}

const UnitRow* find_unit(std::string_view word) {
    const auto is_named = [word](const UnitRow& row) {
        return word == row.singular || (word.size() == row.singular.size() + 1 &&
                                        word.starts_with(row.singular) && word.ends_with('s'));
    };
    const auto* found = std::ranges::find_if(kUnits, is_named);
    return found == kUnits.end() ? nullptr : found;
}

// The longest that this many calendar months can take, wherever they begin.
days longest_of_months(int count) {
    static constexpr std::array kLongest{0, 31, 62, 92, 123, 153, 184, 215, 245, 276, 306, 337};
    const int years = count / 12;
    const int leap_days = (years + 3) / 4;
    return days{years * 365 + leap_days + kLongest[static_cast<std::size_t>(count % 12)]};
}

seconds longest_length(const Retention& retention) {
    switch (retention.unit) {
        case Retention::Unit::seconds:
            return seconds{retention.count};
        case Retention::Unit::minutes:
            return std::chrono::duration<std::int64_t, std::ratio<60>>{retention.count};
        case Retention::Unit::hours:
            return hours{retention.count};
        case Retention::Unit::days:
            return days{retention.count};
        case Retention::Unit::weeks:
            return std::chrono::weeks{retention.count};
        case Retention::Unit::months:
            return longest_of_months(retention.count);
        case Retention::Unit::years:
            return longest_of_months(retention.count * 12);
    }
    return seconds::max();
}

Timestamp add_months(Timestamp time, int count) {
    const auto day = std::chrono::floor<days>(time);
    auto date = std::chrono::year_month_day{day} + std::chrono::months{count};
    if (!date.ok()) date = date.year() / date.month() / std::chrono::last;
    return std::chrono::sys_days{date} + (time - day);
}

}  // namespace

std::expected<Retention, std::string> parse_retention(std::string_view text) {
    if (text == "permanent") return Retention{};
    if (text == "ephemeral") return Retention{Retention::Kind::ephemeral, 0, {}};
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    const auto* unit = find_unit(text.substr(static_cast<std::size_t>(end - text.data())));
    if (end == text.data() || text[0] == '-' || unit == nullptr) {
        return std::unexpected(
            "A ttl is \"permanent\", \"ephemeral\" or a count and a unit (seconds, minutes, hours, days, "
            "weeks, months, "
            "years) such as \"24days\".");
    }
    if (error != std::errc{} || count > unit->most)
        return std::unexpected("A ttl is at most 100 years long.");
    if (count < 1) return std::unexpected("A ttl counts at least 1 of its unit.");
    if (count > std::numeric_limits<int>::max())
        return std::unexpected("A ttl counts at most 2147483647 seconds.");
    return Retention{Retention::Kind::limited, static_cast<int>(count), unit->unit};
}

std::string to_string(const Retention& retention) {
    if (retention.is_permanent()) return "permanent";
    if (retention.is_ephemeral()) return "ephemeral";
    return fmt::format("{}{}{}", retention.count, row_of(retention.unit).singular,
                       retention.count == 1 ? "" : "s");
}

Timestamp expiry_of(const Retention& retention, Timestamp created_at) {
    if (retention.is_permanent()) return Timestamp::max();
    if (retention.is_ephemeral()) return created_at + seconds{60};
    if (retention.unit == Retention::Unit::months) return add_months(created_at, retention.count);
    if (retention.unit == Retention::Unit::years) return add_months(created_at, retention.count * 12);
    return created_at + longest_length(retention);
}

std::span<const RetentionClass> retention_classes() {
    return kLadder;
}

const RetentionClass& retention_class_of(const Retention& retention) {
    if (!retention.is_permanent()) {
        const auto length = longest_length(retention);
        const auto* rung =
            std::ranges::find_if(kLadder, [length](const RetentionClass& c) { return length <= c.longest; });
        if (rung != kLadder.end()) return *rung;
    }
    return kLadder.back();
}

}  // namespace headwater
