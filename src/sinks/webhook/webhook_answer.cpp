#include "sinks/webhook/webhook_answer.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <charconv>
#include <ctime>

namespace headwater::sinks {

using Outcome = DeliveryResult::Outcome;

DeliveryResult judge(int status, std::optional<std::chrono::seconds> retry_after) {
    DeliveryResult result;
    result.status = status;
    result.outcome = Outcome::failed;
    if (status >= 200 && status < 300) {
        result.outcome = Outcome::delivered;
    } else if (status == 410) {
        result.outcome = Outcome::stop;
        result.reason = "The webhook wants no more events (HTTP 410).";
    } else if (status >= 300 && status < 400) {
        result.reason =
            fmt::format("The webhook answered with a redirect, which is not followed (HTTP {}).", status);
    } else {
        result.reason = fmt::format("The webhook answered HTTP {}.", status);
        if (status == 429 || status == 503) result.retry_after = retry_after;
    }
    return result;
}

DeliveryResult failure(std::string reason) {
    DeliveryResult result;
    result.outcome = Outcome::failed;
    result.reason = std::move(reason);
    return result;
}

std::optional<std::chrono::seconds> parse_retry_after(const std::string& value) {
    std::int64_t seconds = 0;
    const char* end = value.data() + value.size();
    const auto [rest, error] = std::from_chars(value.data(), end, seconds);
    if (error != std::errc{} || rest != end) {
        const std::time_t date = curl_getdate(value.c_str(), nullptr);
        seconds = date < 0 ? 0 : date - std::time(nullptr);
    }
    if (seconds <= 0) return std::nullopt;
    return std::chrono::seconds(seconds);
}

}  // namespace headwater::sinks
