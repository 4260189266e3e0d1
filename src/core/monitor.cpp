#include "core/monitor.hpp"

#include <fmt/format.h>
#include <openssl/rand.h>

#include <array>
#include <stdexcept>

#include "core/intake.hpp"

namespace headwater {
namespace {

constexpr std::string_view kKeyLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

}  // namespace

std::string_view to_string(MonitorStatus status) {
    switch (status) {
        case MonitorStatus::Unknown:
            return "Unknown";
        case MonitorStatus::Ok:
            return "Ok";
        case MonitorStatus::Dead:
            return "Dead";
    }
    return "";
}

std::optional<MonitorStatus> parse_monitor_status(std::string_view text) {
    using enum MonitorStatus;
    for (const auto status : {Unknown, Ok, Dead}) {
        if (text == to_string(status)) return status;
    }
    return std::nullopt;
}

std::string MonitorRule::period() const {
    Retention whole = every;
    whole.count = every.count * (threshold + 1);
    return to_string(whole);
}

std::expected<Retention, std::string> parse_monitor_interval(std::string_view text) {
    const auto interval = parse_retention(text);
    if (interval && interval->kind == Retention::Kind::limited) return *interval;
    return std::unexpected(
        "An interval is a count and a unit (seconds, minutes, hours, days, weeks, months, years) such as "
        "\"4hours\".");
}

std::expected<void, std::string> check_monitor_rule(const MonitorRule& rule) {
    const std::string unit = to_string(rule.every).substr(std::to_string(rule.every.count).size());
    const std::int64_t count = std::int64_t{rule.every.count} * (rule.threshold + 1);
    if (parse_retention(fmt::format("{}{}", count, unit))) return {};
    return std::unexpected("(threshold + 1) times the interval is at most 100 years.");
}

std::string make_monitor_key() {
    std::array<unsigned char, 32> bytes{};
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
        throw std::runtime_error("no random bytes");
    std::string key = "hwm_";
    for (const unsigned char byte : bytes) key += kKeyLetters[byte % kKeyLetters.size()];
    return key;
}

Digest hash_of_monitor_key(std::string_view key) {
    return digest_of({"monitor key", key});
}

}  // namespace headwater
