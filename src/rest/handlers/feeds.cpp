#include <utility>

#include "core/feed.hpp"
#include "core/metrics.hpp"
#include "rest/feed_address.hpp"
#include "rest/feed_answer.hpp"
#include "rest/feed_form.hpp"
#include "rest/feed_pages.hpp"
#include "rest/feed_query.hpp"
#include "rest/handlers/handlers.hpp"
#include "rest/offload.hpp"
#include "rest/problem.hpp"
#include "rest/refusals.hpp"

namespace headwater::rest {
namespace {

using Kind = Refusal::Kind;

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

/// Where a closed slice's next-archive leads to at this moment.
Response seek_newer(RequestContext& request, const FeedQuery& query, const TimeSlice& slice) {
    const auto newer = request.services().feeds.neighbours(query, {}).newer;
    const FeedAddress address(request.base_url, query);
    Response response =
        redirect(307, newer ? address.slice(TimeSlice::containing(slice.unit(), newer->created_at))
                            : address.current(slice.unit()));
    response.set("Cache-Control", "no-store");
    return response;
}

Response not_acceptable(const RequestContext& request) {
    return problem_response(HttpError::not_acceptable,
                            "A feed is application/json or application/cloudevents-batch+json.",
                            request.request_id);
}

}  // namespace

Awaitable<HandlerResult> get_slice_feed(RequestContext& request) {
    request.services().metrics.feed_request();
    const auto form = choose_feed_form(request.headers());
    if (!form) co_return not_acceptable(request);
    const auto slice = parse_slice(request);
    if (!slice) co_return std::unexpected(slice.error());
    auto query = parse_feed_query(request);
    if (!query) co_return std::unexpected(std::move(query.error()));
    const auto wait = parse_wait(request);
    if (!wait) co_return std::unexpected(wait.error());
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
    if (seek) co_return co_await offload(request, [&] { return seek_newer(request, *query, *slice); });
    const FeedRequest wanted{*form, std::move(*query), *slice};
    if (wait->count() == 0 || !wanted.query.after || slice->end() <= now_of(request)) {
        co_return to_response(co_await read_feed(request, wanted));
    }
    auto document = co_await wait_for_feed(request, wanted, *wait);
    if (!document) co_return std::unexpected(std::move(document.error()));
    co_return to_response(std::move(*document));
}

Awaitable<HandlerResult> get_range_feed(RequestContext& request) {
    request.services().metrics.feed_request();
    const auto form = choose_feed_form(request.headers());
    if (!form) co_return not_acceptable(request);
    const auto from = parse_slice_time(request.path("from"));
    const auto to = parse_slice_time(request.path("to"));
    if (!from || !to) co_return refuse(Kind::malformed, "A range goes from one RFC 3339 time to another.");
    if (*from > *to) co_return refuse(Kind::malformed, "A range's end must not stand before its beginning.");
    auto query = parse_feed_query(request);
    if (!query) co_return std::unexpected(std::move(query.error()));
    query->from = *from;
    query->to = *to;
    const FeedRequest wanted{*form, std::move(*query)};
    co_return to_response(co_await read_feed(request, wanted));
}

}  // namespace headwater::rest
