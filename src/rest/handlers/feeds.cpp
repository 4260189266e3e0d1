#include <algorithm>
#include <utility>

#include "core/metrics.hpp"
#include "rest/client_name.hpp"
#include "rest/feed_address.hpp"
#include "rest/feed_document.hpp"
#include "rest/handlers/handlers.hpp"
#include "rest/log_clock.hpp"
#include "rest/offload.hpp"
#include "rest/refusals.hpp"

namespace headwater::rest {
namespace {

const std::string* find_client(const RequestContext& request) {
    const auto found =
        std::ranges::find(request.path_parameters, "client", [](const auto& p) { return p.first; });
    return found == request.path_parameters.end() ? nullptr : &found->second;
}

/// The filters and the client; the bounds are still to come.
std::expected<FeedQuery, Refusal> read_query(const RequestContext& request) {
    auto query = read_feed_query(request.query);
    if (!query) return query;
    if (const std::string* client = find_client(request)) {
        if (!is_client_name(*client)) {
            return refuse(Refusal::Kind::malformed,
                          "A client's name is 1 to 100 characters of [A-Za-z0-9_.:@-].");
        }
        query->client = *client;
    } else if (query->include_processed) {
        return refuse(Refusal::Kind::malformed, "'processed' needs a client.");
    }
    return query;
}

/// The node's clock, or the log's when that is ahead: the current slice holds what was stored a moment ago.
Timestamp now_of(const RequestContext& request) {
    return std::max(request.services().clock.now(), request.log_clock().known());
}

/// Asked before the page is read, so that a page that counts as closed is complete.
FeedMoment moment_of(RequestContext& request, const FeedQuery& query) {
    const bool is_closed = query.client.empty() && request.log_clock().has_passed(query.to);
    return {now_of(request), request.log_clock().known(), is_closed};
}

HandlerResult read_slice(RequestContext& request, const FeedQuery& query, const TimeSlice& slice) {
    const FeedMoment moment = moment_of(request, query);
    FeedReader& feeds = request.services().feeds;
    const FeedPage page = feeds.page(query);
    const FeedNeighbours neighbours = feeds.neighbours(query);
    const FeedAddresses addresses(request, query);
    const Links links = slice_links(addresses, slice, neighbours, page, moment);
    std::chrono::seconds freshness{0};
    if (moment.is_closed)
        freshness = freshness_of_closed(page, moment, next_archive_due(slice, neighbours, moment));
    return feed_response(addresses, query, page, links, freshness);
}

HandlerResult read_range(RequestContext& request, const FeedQuery& query) {
    const FeedMoment moment = moment_of(request, query);
    const FeedPage page = request.services().feeds.page(query);
    const FeedAddresses addresses(request, query);
    const std::string self = addresses.range(query.from, query.to);
    Links links;
    links.add("self", addresses.with_bounds(self));
    if (page.has_more) links.add("more", addresses.more(self, page.entries.back().event->id));
    const auto freshness =
        moment.is_closed ? freshness_of_closed(page, moment, std::nullopt) : std::chrono::seconds(0);
    return feed_response(addresses, query, page, links, freshness);
}

Response redirect_to(std::string address) {
    Response response = empty_response(308);
    response.set("Location", std::move(address));
    return response;
}

}  // namespace

Awaitable<HandlerResult> get_slice_feed(RequestContext& request) {
    request.services().metrics.feed_request();
    const auto unit = parse_slice_unit(request.path("slice"));
    if (!unit) co_return refuse(Refusal::Kind::not_found, "Feeds come by minute, hour, day and month.");
    auto query = read_query(request);
    if (!query) co_return std::unexpected(std::move(query.error()));
    const std::string& at = request.path("at");
    const bool is_current = at == "current";
    const auto time = is_current ? std::optional(now_of(request)) : parse_slice_time(at);
    if (!time)
        co_return refuse(Refusal::Kind::malformed, "'current' or an RFC 3339 time is needed in the address.");
    const TimeSlice slice = TimeSlice::containing(*unit, *time);
    if (!is_current && at != format_slice_time(slice.begin())) {
        const FeedAddresses addresses(request, *query);
        co_return redirect_to(addresses.with_bounds(addresses.slice(slice)));
    }
    query->from = slice.begin();
    query->to = slice.end();
    auto work = [&request, &query, &slice] { return read_slice(request, *query, slice); };
    co_return co_await offload(request, work);
}

Awaitable<HandlerResult> get_range_feed(RequestContext& request) {
    request.services().metrics.feed_request();
    const auto from = parse_slice_time(request.path("from"));
    const auto to = parse_slice_time(request.path("to"));
    if (!from || !to) co_return refuse(Refusal::Kind::malformed, "RFC 3339 times are needed in the address.");
    if (*from >= *to)
        co_return refuse(Refusal::Kind::malformed, "The feed's end must lie after its beginning.");
    auto query = read_query(request);
    if (!query) co_return std::unexpected(std::move(query.error()));
    query->from = *from;
    query->to = *to;
    auto work = [&request, &query] { return read_range(request, *query); };
    co_return co_await offload(request, work);
}

}  // namespace headwater::rest
