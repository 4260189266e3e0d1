#include "latencies.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace headwater::bench {
namespace {

int number(std::string_view text, std::size_t at, std::size_t digits) {
    int value = 0;
    for (const char digit : text.substr(at, digits)) value = value * 10 + (digit - '0');
    return value;
}

}  // namespace

void Latencies::add(std::chrono::microseconds time) {
    const std::int64_t step = std::max<std::int64_t>(0, time.count() / kStepMicros);
    ++counts_[std::min(static_cast<std::size_t>(step), counts_.size() - 1)];
    ++count_;
}

double Latencies::percentile(double percent) const {
    const auto rank = std::min(static_cast<std::uint64_t>(static_cast<double>(count_) * percent / 100),
                               std::max<std::uint64_t>(count_, 1) - 1);
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
        seen += counts_[i];
        if (seen > rank) return static_cast<double>(static_cast<std::int64_t>(i) * kStepMicros) / 1000;
    }
    return 0;
}

std::chrono::system_clock::time_point StampReader::read(std::string_view event) {
    constexpr std::size_t kStamp = 27, kEnd = 2;
    if (event.size() < kStamp + kEnd || !event.ends_with("Z\"}")) {
        throw std::runtime_error("an event does not end with its created_at");
    }
    const std::string_view stamp = event.substr(event.size() - kStamp - kEnd, kStamp);
    if (std::memcmp(day_, stamp.data(), sizeof day_) != 0) {
        std::memcpy(day_, stamp.data(), sizeof day_);
        since_epoch_ = std::chrono::year(number(stamp, 0, 4)) / number(stamp, 5, 2) / number(stamp, 8, 2);
    }
    return since_epoch_ + std::chrono::hours(number(stamp, 11, 2)) +
           std::chrono::minutes(number(stamp, 14, 2)) + std::chrono::seconds(number(stamp, 17, 2)) +
           std::chrono::microseconds(number(stamp, 20, 6));
}

}  // namespace headwater::bench
