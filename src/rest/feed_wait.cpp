#include <algorithm>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <memory>
#include <utility>

#include "core/feed_waiters.hpp"
#include "rest/feed_pages.hpp"
#include "rest/offload.hpp"
#include "rest/refusals.hpp"

namespace headwater::rest {
namespace {

using SteadyClock = std::chrono::steady_clock;
using Timer = boost::asio::basic_waitable_timer<SteadyClock, boost::asio::wait_traits<SteadyClock>, Executor>;
using WaiterPtr = std::shared_ptr<FeedWaiters::Waiter>;

/// Until an event that is wanted comes, the deadline passes or the node stops.
Awaitable<void> sleep(RequestContext& request, const WaiterPtr& waiter, SteadyClock::time_point deadline) {
    Timer timer(co_await boost::asio::this_coro::executor, deadline);
    timer.async_wait([weak = std::weak_ptr(waiter)](const boost::system::error_code& ec) {
        const auto alive = weak.lock();
        if (!ec && alive) alive->wake();
    });
    auto start = [&waiter](auto done) {
        waiter->wait([done = std::move(done)]() mutable { std::move(done)(true); });
    };
    co_await await_completion<bool>(request.mailbox(), start);
}

}  // namespace

Awaitable<std::expected<FeedDocument, Refusal>> wait_for_feed(RequestContext& request,
                                                              const FeedRequest& wanted,
                                                              std::chrono::seconds wait) {
    const FeedQuery& query = wanted.query;
    const auto begin = SteadyClock::now();
    const auto left = wanted.slice->end() - now_of(request);
    // Joins before it reads: whatever the read does not see wakes it.
    const WaiterPtr waiter = request.services().feed_waiters.join(
        {query.visible_types(), query.subject, query.after.value_or(EventId{})});
    if (!waiter) co_return refuse(Refusal::Kind::overloaded, "Too many readers wait for events already.");
    while (true) {
        if (!request.caller().is_good())
            co_return refuse(Refusal::Kind::unauthenticated, "The key was revoked or has expired.");
        FeedDocument document = co_await read_feed(request, wanted);
        const auto passed = SteadyClock::now() - begin;
        if (!document.is_empty || waiter->is_over() || passed >= wait || passed >= left) co_return document;
        co_await sleep(request, waiter, begin + std::min<SteadyClock::duration>(wait, left));
        // Nothing came: what was read still stands. At the slice's end its links may have changed.
        if (waiter->is_over() || (SteadyClock::now() - begin >= wait && wait < left)) co_return document;
    }
}

}  // namespace headwater::rest
