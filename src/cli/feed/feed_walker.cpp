#include "cli/feed/feed_walker.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <thread>

#include "cli/interrupt.hpp"

namespace headwater::cli {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kPage = 1000;
constexpr const char* kFirstTime = "1970-01-01T00:00:00.000Z";
constexpr const char* kLastTime = "9999-12-31T00:00:00.000Z";

void add_parameter(std::string& address, std::string_view name, std::string_view value) {
    if (value.empty()) return;
    address +=
        fmt::format("{}{}={}", address.find('?') == std::string::npos ? '?' : '&', name, encode_url(value));
}

}  // namespace

std::string FeedWalker::first_address() const {
    std::string address = "/api/events/feed/";
    // Upwards from nowhere in particular is from the beginning.
    const bool is_from_beginning = query_.is_oldest_first && !query_.is_range() && query_.at == "current";
    if (query_.is_range() || is_from_beginning) {
        address += fmt::format("{}/to/{}", encode_url(query_.from.empty() ? kFirstTime : query_.from),
                               encode_url(query_.to.empty() ? kLastTime : query_.to));
        if (!query_.client.empty()) address += "/client/" + encode_url(query_.client);
    } else {
        address = slice_address(query_.at);
    }
    add_filters(address);
    return address;
}

std::string FeedWalker::slice_address(const std::string& at) const {
    std::string address = fmt::format("/api/events/feed/{}/{}", query_.slice, encode_url(at));
    if (!query_.client.empty()) address += "/client/" + encode_url(query_.client);
    return address;
}

void FeedWalker::add_filters(std::string& address) const {
    add_parameter(address, "types", comma_list(query_.types));
    add_parameter(address, "subject", query_.subject);
    add_parameter(address, "order", query_.goes_up() ? "asc" : "");
    add_parameter(address, "limit",
                  std::to_string(query_.limit == 0 ? kPage : std::min(query_.limit, kPage)));
}

void FeedWalker::note(const std::vector<Json>& events) {
    for (const Json& event : events) {
        const std::string id = event["id"].text();
        if (id.size() < newest_.size() || (id.size() == newest_.size() && id <= newest_)) continue;
        newest_ = id;
        newest_time_ = event["created_at"].text();
    }
}

Json FeedWalker::fetch(const std::string& address) {
    for (std::chrono::milliseconds wait = 500ms;; wait = std::min(wait * 2, std::chrono::milliseconds(10s))) {
        const HttpAnswer answer = server_.call("GET", address);
        if (answer.is_success()) return Json::parse(answer.body).value_or(Json());
        const bool is_passing = answer.status == 0 || answer.status == 429 || answer.status >= 500;
        if (is_interrupted()) return {};
        // Who follows is patient; who asks once wants to know.
        if (!query_.is_following || !is_passing) throw std::runtime_error(server_.complaint(answer));
        for (auto left = wait; left > 0ms && !is_interrupted(); left -= 50ms)
            std::this_thread::sleep_for(50ms);
    }
}

void FeedWalker::walk(const OnPage& on_page) {
    std::size_t left = query_.limit == 0 ? static_cast<std::size_t>(-1) : query_.limit;
    std::string address = first_address();
    while (!address.empty() && !is_interrupted()) {
        const Json page = fetch(address);
        std::vector<Json> events = page["events"].elements();
        if (events.size() > left) events.resize(left);
        note(events);
        if (!events.empty() && !on_page(events)) return;
        left -= events.size();
        if (left == 0 || is_interrupted()) return;
        address = next_address(page);
    }
}

std::string FeedWalker::next_address(const Json& page) {
    const Json links = page["links"];
    if (auto more = link_of(links, "more"); !more.empty()) return more;
    if (query_.is_following) return waiting_address(links);
    return link_of(links, query_.goes_up() ? "next-archive" : "prev-archive");
}

/// The slice after this one once it is closed; else the same again, waiting for what comes after the newest.
/// Behind a range, it is the slice of the newest event.
std::string FeedWalker::waiting_address(const Json& links) const {
    if (auto next = link_of(links, "next"); !next.empty()) return next;
    std::string address = link_of(links, "self");
    address.resize(std::min(address.find('?'), address.size()));
    if (address.find("/to/") != std::string::npos) {
        address = slice_address(newest_time_.empty() ? "current" : newest_time_);
    }
    add_filters(address);
    add_parameter(address, "after", newest_.empty() ? "0" : newest_);
    add_parameter(address, "wait", "20");
    return address;
}

}  // namespace headwater::cli
