#include "rest/feed_address.hpp"

#include <fmt/format.h>

#include "rest/feed_query.hpp"
#include "rest/uri.hpp"

namespace headwater::rest {
namespace {

void append_parameter(std::string& out, std::string_view name, std::string_view value) {
    if (!out.empty()) out += '&';
    out.append(name).append("=").append(encode_query_value(value));
}

/// As short as it can be without a loss.
std::string range_time(Timestamp time) {
    const bool is_whole = time == std::chrono::floor<std::chrono::milliseconds>(time);
    return is_whole ? format_slice_time(time) : format_time(time);
}

}  // namespace

FeedAddress::FeedAddress(std::string_view base_url, const FeedQuery& query)
    : prefix_(fmt::format("{}/api/events/feed/", base_url)) {
    if (!query.client.empty()) suffix_ = "/client/" + encode_segment(query.client);
    if (!query.types.is_default()) append_parameter(filters_, "types", query.types.to_text());
    if (query.subject) append_parameter(filters_, "subject", *query.subject);
    if (query.limit != kDefaultFeedLimit) append_parameter(filters_, "limit", std::to_string(query.limit));
    if (query.order == FeedOrder::asc) append_parameter(filters_, "order", "asc");
    if (query.include_processed) append_parameter(filters_, "processed", "include");
}

std::string FeedAddress::slice(const TimeSlice& slice, const Bounds& bounds) const {
    return at(slice.path(), bounds);
}

std::string FeedAddress::current(TimeSlice::Unit unit) const {
    return at(fmt::format("{}/current", to_string(unit)), {});
}

std::string FeedAddress::range(Timestamp from, Timestamp to, const Bounds& bounds) const {
    return at(fmt::format("{}/to/{}", range_time(from), range_time(to)), bounds);
}

std::string FeedAddress::seek_newer(const TimeSlice& slice) const {
    return at(slice.path(), {}, "seek=next-archive");
}

FeedAddress::Bounds FeedAddress::next_page(const FeedQuery& query, EventId last) {
    return query.order == FeedOrder::desc ? Bounds{query.after, last} : Bounds{last, query.before};
}

std::string FeedAddress::at(std::string_view place, const Bounds& bounds, std::string_view more) const {
    std::string query = filters_;
    if (bounds.after) append_parameter(query, "after", to_string(*bounds.after));
    if (bounds.before) append_parameter(query, "before", to_string(*bounds.before));
    if (!more.empty()) query.append(query.empty() ? "" : "&").append(more);
    return fmt::format("{}{}{}{}{}", prefix_, place, suffix_, query.empty() ? "" : "?", query);
}

}  // namespace headwater::rest
