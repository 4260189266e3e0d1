#include "core/time.hpp"

#include <array>
#include <cstddef>

namespace headwater {
namespace {

using std::chrono::microseconds;

void put_digits(char* out, unsigned value, int digits) {
    for (int i = digits - 1; i >= 0; --i, value /= 10) out[i] = static_cast<char>('0' + value % 10);
}

// "YYYY-MM-DDThh:mm:ss." and the fraction's digits and "Z".
std::string format(Timestamp time, int fraction_digits) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss clock{time - day};
    std::array<char, 27> text{};
    text.fill('-');
    put_digits(&text[0], static_cast<unsigned>(static_cast<int>(date.year())), 4);
    put_digits(&text[5], static_cast<unsigned>(date.month()), 2);
    put_digits(&text[8], static_cast<unsigned>(date.day()), 2);
    text[10] = 'T';
    put_digits(&text[11], static_cast<unsigned>(clock.hours().count()), 2);
    text[13] = ':';
    put_digits(&text[14], static_cast<unsigned>(clock.minutes().count()), 2);
    text[16] = ':';
    put_digits(&text[17], static_cast<unsigned>(clock.seconds().count()), 2);
    text[19] = '.';
    auto fraction = static_cast<unsigned>(clock.subseconds().count());
    for (int i = fraction_digits; i < 6; ++i) fraction /= 10;
    put_digits(&text[20], fraction, fraction_digits);
    const auto length = static_cast<std::size_t>(20 + fraction_digits);
    text[length] = 'Z';
    return {text.data(), length + 1};
}

/// Walks over a date-time from left to right; after the first mismatch everything else fails too.
class DateTimeReader {
  public:
    explicit DateTimeReader(std::string_view text) : rest_(text) {}

    int digits(std::size_t count) {
        int value = 0;
        for (std::size_t i = 0; i < count; ++i) value = value * 10 + digit();
        return value;
    }
    char one_of(std::string_view choices) {
        if (rest_.empty() || choices.find(rest_[0]) == std::string_view::npos) return fail();
        const char found = rest_[0];
        rest_.remove_prefix(1);
        return found;
    }
    bool next_is_digit() const { return !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9'; }
    bool next_is(char c) const { return !rest_.empty() && rest_[0] == c; }
    bool is_done() const { return !failed_ && rest_.empty(); }

  private:
    int digit() {
        if (!next_is_digit()) return fail();
        const int value = rest_[0] - '0';
        rest_.remove_prefix(1);
        return value;
    }
    char fail() {
        failed_ = true;
        rest_ = {};
        return '\0';
    }
    std::string_view rest_;
    bool failed_ = false;
};

microseconds read_fraction(DateTimeReader& reader) {
    if (!reader.next_is('.')) return microseconds{0};
    reader.one_of(".");
    int value = reader.digits(1);
    int read = 1;
    for (; reader.next_is_digit(); ++read) {
        const int digit = reader.digits(1);
        if (read < 6) value = value * 10 + digit;
    }
    for (; read < 6; ++read) value *= 10;
    return microseconds{value};
}

std::optional<std::chrono::minutes> read_offset(DateTimeReader& reader) {
    const char sign = reader.one_of("Zz+-");
    if (sign == 'Z' || sign == 'z') return std::chrono::minutes{0};
    const int hours = reader.digits(2);
    reader.one_of(":");
    const int minutes = reader.digits(2);
    if (hours > 23 || minutes > 59) return std::nullopt;
    const std::chrono::minutes offset{hours * 60 + minutes};
    return sign == '-' ? -offset : offset;
}

constexpr Timestamp kFirst = std::chrono::sys_days{std::chrono::year{1} / 1 / 1};
constexpr Timestamp kEnd = std::chrono::sys_days{std::chrono::year{10'000} / 1 / 1};

}  // namespace

std::string format_time(Timestamp time) {
    return format(time, 6);
}

std::string format_slice_time(Timestamp time) {
    return format(time, 3);
}

std::optional<Timestamp> parse_rfc3339(std::string_view text) {
    DateTimeReader reader(text);
    const std::chrono::year year{reader.digits(4)};
    reader.one_of("-");
    const std::chrono::month month{static_cast<unsigned>(reader.digits(2))};
    reader.one_of("-");
    const std::chrono::day day{static_cast<unsigned>(reader.digits(2))};
    reader.one_of("Tt");
    const int hours = reader.digits(2);
    reader.one_of(":");
    const int minutes = reader.digits(2);
    reader.one_of(":");
    const int seconds = reader.digits(2);
    const microseconds fraction = read_fraction(reader);
    const auto offset = read_offset(reader);
    const std::chrono::year_month_day date{year, month, day};
    if (!reader.is_done() || !offset || !date.ok() || hours > 23 || minutes > 59 || seconds > 60)
        return std::nullopt;
    const Timestamp time = std::chrono::sys_days{date} + std::chrono::hours{hours} +
                           std::chrono::minutes{minutes} + std::chrono::seconds{seconds} + fraction - *offset;
    if (time < kFirst || time >= kEnd) return std::nullopt;
    return time;
}

Timestamp SystemClock::now() const {
    return std::chrono::floor<microseconds>(std::chrono::system_clock::now());
}

std::chrono::steady_clock::time_point SystemClock::steady_now() const {
    return std::chrono::steady_clock::now();
}

}  // namespace headwater
