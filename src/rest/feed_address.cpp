#include "rest/feed_address.hpp"

#include <chrono>
#include <utility>

#include "rest/paging.hpp"
#include "rest/refusals.hpp"

namespace headwater::rest {
namespace {

constexpr std::size_t kDefaultLimit = 100;
constexpr std::size_t kMaxSubject = 500;

void append_parameter(std::string& out, std::string_view name, std::string_view value) {
    if (!out.empty()) out += '&';
    out.append(name).append("=").append(encode_query_value(value));
}

std::string canonical_filters(const FeedQuery& query) {
    std::string out;
    if (!query.types.is_default()) append_parameter(out, "types", query.types.to_text());
    if (query.subject) append_parameter(out, "subject", *query.subject);
    if (query.limit != kDefaultLimit) append_parameter(out, "limit", std::to_string(query.limit));
    if (query.order == FeedOrder::asc) append_parameter(out, "order", "asc");
    if (query.include_processed) append_parameter(out, "processed", "include");
    return out;
}

/// Milliseconds, as in slice addresses, unless that would cut something off.
std::string format_bound(Timestamp time) {
    const bool is_whole = std::chrono::floor<std::chrono::milliseconds>(time) == time;
    return is_whole ? format_slice_time(time) : format_time(time);
}

std::expected<void, Refusal> read_order(const Query& parameters, FeedQuery& query) {
    const auto order = parameters.find("order");
    if (!order || order == "desc") return {};
    if (order != "asc") return refuse(Refusal::Kind::malformed, "The order must be 'asc' or 'desc'.");
    query.order = FeedOrder::asc;
    return {};
}

std::expected<void, Refusal> read_processed(const Query& parameters, FeedQuery& query) {
    const auto processed = parameters.find("processed");
    if (!processed || processed == "exclude") return {};
    if (processed != "include") return refuse(Refusal::Kind::malformed, "'processed' must be 'include'.");
    query.include_processed = true;
    return {};
}

}  // namespace

std::expected<FeedQuery, Refusal> read_feed_query(const Query& parameters) {
    FeedQuery query;
    auto types = TypeFilter::parse(parameters.find("types").value_or(""));
    if (!types) return refuse(Refusal::Kind::malformed, types.error());
    query.types = std::move(*types);
    if (const auto subject = parameters.find("subject")) {
        if (subject->size() > kMaxSubject)
            return refuse(Refusal::Kind::malformed, "The subject is too long.");
        query.subject = *subject;
    }
    const auto after = read_event_id(parameters, "after");
    if (!after) return std::unexpected(after.error());
    const auto before = read_event_id(parameters, "before");
    if (!before) return std::unexpected(before.error());
    query.after = *after;
    query.before = *before;
    const auto limit = read_limit(parameters, kDefaultLimit);
    if (!limit) return std::unexpected(limit.error());
    query.limit = *limit;
    if (auto read = read_order(parameters, query); !read) return std::unexpected(std::move(read.error()));
    if (auto read = read_processed(parameters, query); !read) return std::unexpected(std::move(read.error()));
    return query;
}

FeedAddresses::FeedAddresses(const RequestContext& request, const FeedQuery& query)
    : request_(request), query_(query), filters_(canonical_filters(query)) {
    if (!query.client.empty()) client_path_ = "/client/" + encode_segment(query.client);
}

std::string FeedAddresses::address(std::string_view path) const {
    std::string out = request_.base_url + "/api/events/feed/";
    out.append(path).append(client_path_);
    if (!filters_.empty()) out.append("?").append(filters_);
    return out;
}

std::string FeedAddresses::slice(const TimeSlice& slice) const {
    return address(slice.path());
}

std::string FeedAddresses::current(TimeSlice::Unit unit) const {
    return address(std::string(to_string(unit)) + "/current");
}

std::string FeedAddresses::range(Timestamp from, Timestamp to) const {
    return address(format_bound(from) + "/to/" + format_bound(to));
}

std::string FeedAddresses::bounded(std::string address, std::optional<EventId> after,
                                   std::optional<EventId> before) const {
    char separator = filters_.empty() ? '?' : '&';
    for (const auto& [name, id] : {std::pair{"after=", after}, std::pair{"before=", before}}) {
        if (!id) continue;
        (address += separator).append(name).append(to_string(*id));
        separator = '&';
    }
    return address;
}

std::string FeedAddresses::with_bounds(std::string address) const {
    return bounded(std::move(address), query_.after, query_.before);
}

std::string FeedAddresses::more(std::string address, EventId last) const {
    if (query_.order == FeedOrder::asc) return bounded(std::move(address), last, query_.before);
    return bounded(std::move(address), query_.after, last);
}

std::string FeedAddresses::mark_processed(EventId id) const {
    return request_.base_url + "/api/events/" + to_string(id) + "/ok/" + encode_segment(query_.client);
}

}  // namespace headwater::rest
