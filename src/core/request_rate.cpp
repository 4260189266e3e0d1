#include "core/request_rate.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace headwater {
namespace {

constexpr std::int64_t kMostRequests = 1'000'000;

struct Unit {
    std::string_view name;
    std::chrono::seconds length;
};
constexpr std::array<Unit, 3> kUnits{
    {{"s", std::chrono::seconds(1)}, {"min", std::chrono::minutes(1)}, {"h", std::chrono::hours(1)}}};

}  // namespace

std::optional<RequestRate> parse_request_rate(std::string_view text) {
    RequestRate rate;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, rate.requests);
    if (error != std::errc{} || rest == end || *rest != '/') return std::nullopt;
    const auto unit = std::ranges::find(kUnits, std::string_view(rest + 1, end), &Unit::name);
    if (unit == kUnits.end() || rate.requests < 1 || rate.requests > kMostRequests) return std::nullopt;
    rate.unit = unit->length;
    return rate;
}

std::string to_string(const RequestRate& rate) {
    const auto unit = std::ranges::find(kUnits, rate.unit, &Unit::length);
    return std::to_string(rate.requests) + "/" + std::string(unit->name);
}

std::optional<std::chrono::nanoseconds> KeyMeter::wait_for_place(const RequestRate& rate, SteadyTime now) {
    const std::int64_t present = std::chrono::nanoseconds(now.time_since_epoch()).count();
    const std::int64_t unit = std::chrono::nanoseconds(rate.unit).count();
    const std::int64_t place = unit / rate.requests;
    std::int64_t full_at = full_at_.load(std::memory_order_relaxed);
    while (true) {
        const std::int64_t next = std::max(full_at, present) + place;
        if (next - present > unit) return std::chrono::nanoseconds(next - present - unit);
        if (full_at_.compare_exchange_weak(full_at, next, std::memory_order_relaxed)) return std::nullopt;
    }
}

void KeyMeter::note_use(std::chrono::sys_seconds now) {
    const std::int64_t second = now.time_since_epoch().count();
    if (last_use_.load(std::memory_order_relaxed) < second)
        last_use_.store(second, std::memory_order_relaxed);
}

std::optional<std::chrono::sys_seconds> KeyMeter::last_use() const {
    const std::int64_t second = last_use_.load(std::memory_order_relaxed);
    if (second == 0) return std::nullopt;
    return std::chrono::sys_seconds(std::chrono::seconds(second));
}

}  // namespace headwater
