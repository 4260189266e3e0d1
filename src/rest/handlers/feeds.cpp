#include <algorithm>
#include <utility>

#include "core/feed.hpp"
#include "core/metrics.hpp"
#include "rest/feed_address.hpp"
#include "rest/feed_answer.hpp"
#include "rest/feed_query.hpp"
#include "rest/handlers/handlers.hpp"
#include "rest/log_clock.hpp"
#include "rest/offload.hpp"
#include "rest/refusals.hpp"

namespace headwater::rest {
namespace {

using Kind = Refusal::Kind;

/// The log's clock may stand before the node's: its events are the newest all the same.
Timestamp now_of(const RequestContext& request) {
    return std::max(request.services().clock.now(), request.log_clock().known());
}

std::expected<TimeSlice, Refusal> parse_slice(const RequestContext& request) {
    const auto unit = parse_slice_unit(request.path("slice"));
    if (!unit) return refuse(Kind::not_found, "A feed's slice is 'minute', 'hour', 'day' or 'month'.");
    const std::string& at = request.path("at");
    const auto time = at == "current" ? now_of(request) : parse_slice_time(at);
    if (!time) return refuse(Kind::malformed, "A slice's time is 'current' or an RFC 3339 time.");
    return TimeSlice::containing(*unit, *time);
}

bool is_own_address(const RequestContext& request, const TimeSlice& slice) {
    const std::string& at = request.path("at");
    return at == "current" || at == format_slice_time(slice.begin());
}

Response redirect(int status, std::string address) {
    Response response = empty_response(status);
    response.set("Location", std::move(address));
    return response;
}

Response read_slice(RequestContext& request, const FeedQuery& query, const TimeSlice& slice) {
    FeedReader& feeds = request.services().feeds;
    // First: an event that is stored between the two questions must not be missing from a closed page.
    const bool is_closed = query.client.empty() && request.log_clock().has_passed(slice.end());
    const Timestamp now = now_of(request);
    const SliceView view{slice, is_closed, slice.end() <= now, feeds.page(query), feeds.neighbours(query)};
    return answer_slice(request.base_url, query, view, request.services().clock.now());
}

/// Where a closed slice's next-archive leads to at this moment.
Response seek_newer(RequestContext& request, const FeedQuery& query, const TimeSlice& slice) {
    const auto newer = request.services().feeds.neighbours(query).newer;
    const FeedAddress address(request.base_url, query);
    Response response =
        redirect(307, newer ? address.slice(TimeSlice::containing(slice.unit(), newer->created_at))
                            : address.current(slice.unit()));
    response.set("Cache-Control", "no-store");
    return response;
}

Response read_range(RequestContext& request, const FeedQuery& query) {
    const bool is_closed = query.client.empty() && request.log_clock().has_passed(query.to);
    const FeedPage page = request.services().feeds.page(query);
    return answer_range(request.base_url, query, page, is_closed, request.services().clock.now());
}

}  // namespace

Awaitable<HandlerResult> get_slice_feed(RequestContext& request) {
    request.services().metrics.feed_request();
    const auto slice = parse_slice(request);
    if (!slice) co_return std::unexpected(slice.error());
    auto query = parse_feed_query(request);
    if (!query) co_return std::unexpected(std::move(query.error()));
    if (!is_own_address(request, *slice)) {
        const FeedAddress address(request.base_url, *query);
        co_return redirect(308, address.slice(*slice, {query->after, query->before}));
    }
    query->from = slice->begin();
    query->to = slice->end();
    const auto seek = request.query.find("seek");
    if (seek && *seek != "next-archive") {
        co_return refuse(Kind::malformed, "'seek' can only be 'next-archive'.");
    }
    co_return co_await offload(request, [&] {
        return seek ? seek_newer(request, *query, *slice) : read_slice(request, *query, *slice);
    });
}

Awaitable<HandlerResult> get_range_feed(RequestContext& request) {
    request.services().metrics.feed_request();
    const auto from = parse_slice_time(request.path("from"));
    const auto to = parse_slice_time(request.path("to"));
    if (!from || !to) co_return refuse(Kind::malformed, "A range goes from one RFC 3339 time to another.");
    if (*from > *to) co_return refuse(Kind::malformed, "A range's end must not stand before its beginning.");
    auto query = parse_feed_query(request);
    if (!query) co_return std::unexpected(std::move(query.error()));
    query->from = *from;
    query->to = *to;
    co_return co_await offload(request, [&] { return read_range(request, *query); });
}

}  // namespace headwater::rest
