#include "rest/feed_pages.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "rest/compression.hpp"
#include "rest/feed_address.hpp"
#include "rest/feed_cache.hpp"
#include "rest/log_clock.hpp"
#include "rest/offload.hpp"

namespace headwater::rest {
namespace {

/// Equal for equal pages: the page's own address, what it is written in, and how it is encoded.
std::string cache_key(const RequestContext& request, const FeedRequest& wanted, bool is_gzipped) {
    const FeedAddress address(request.base_url, wanted.query);
    const FeedAddress::Bounds bounds{wanted.query.after, wanted.query.before};
    std::string key = wanted.slice ? address.slice(*wanted.slice, bounds)
                                   : address.range(wanted.query.from, wanted.query.to, bounds);
    key += wanted.form == FeedForm::json ? " json" : " cloudevents";
    if (is_gzipped) key += " gzip";
    if (wanted.query.readable) key += " of " + wanted.query.readable->to_text();
    return key;
}

FeedDocument read_slice(const RequestContext& request, const FeedRequest& wanted) {
    const auto& [form, query, slice] = wanted;
    FeedReader& feeds = request.services().feeds;
    LogClock& clock = request.log_clock();
    // First: an event that is stored between the two questions must not be missing from a closed page.
    const bool is_over = clock.has_passed(slice->end());
    const bool is_closed = is_over && query.client.empty();
    const FeedOutlook outlook{.with_newer = is_over && !is_closed,
                              .is_begun = clock.has_passed(slice->begin())};
    const SliceView view{*slice, is_closed, is_over, feeds.page(query), feeds.neighbours(query, outlook)};
    return slice_document(request.base_url, form, query, view, request.services().clock.now());
}

FeedDocument read_range(const RequestContext& request, const FeedRequest& wanted) {
    const FeedQuery& query = wanted.query;
    const bool is_closed = query.client.empty() && request.log_clock().has_passed(query.to);
    const FeedPage page = request.services().feeds.page(query);
    return range_document(request.base_url, wanted.form, query, page, is_closed,
                          request.services().clock.now());
}

/// What is kept is compressed once, for all who will ask.
FeedDocument read_document(const RequestContext& request, const FeedRequest& wanted, bool is_gzipped) {
    FeedDocument document = wanted.slice ? read_slice(request, wanted) : read_range(request, wanted);
    if (!document.caching.is_immutable || !is_gzipped || !is_worth_compressing(document.body.size()))
        return document;
    return gzipped(std::move(document));
}

}  // namespace

Timestamp now_of(const RequestContext& request) {
    return std::max(request.services().clock.now(), request.log_clock().known());
}

Awaitable<FeedDocument> read_feed(RequestContext& request, const FeedRequest& wanted) {
    const Clock& clock = request.services().clock;
    const bool is_cacheable = wanted.query.client.empty();
    const bool is_gzipped = is_cacheable && accepts_gzip(request.headers());
    std::string key;
    if (is_cacheable) {
        key = cache_key(request, wanted, is_gzipped);
        if (auto kept = request.feed_cache().find(key, clock.steady_now())) co_return std::move(*kept);
    }
    auto read = [&] {
        const auto begin = clock.steady_now();
        FeedDocument document = read_document(request, wanted, is_gzipped);
        if (document.caching.is_immutable) request.feed_cache().keep(key, document, begin);
        return document;
    };
    co_return co_await offload(request, read);
}

}  // namespace headwater::rest
