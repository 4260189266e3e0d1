#pragma once

#include <boost/asio/async_result.hpp>
#include <exception>
#include <expected>
#include <memory>
#include <type_traits>
#include <utility>

#include "core/errors.hpp"
#include "core/work_pool.hpp"
#include "rest/asio.hpp"
#include "rest/mailbox.hpp"
#include "rest/request_context.hpp"

namespace headwater::rest {

/// Suspends the handler until somebody calls the completion given to `start`, from any thread, exactly once.
/// The handler goes on on its own io thread.
template <class T, class Start>
Awaitable<T> await_completion(Mailbox& mailbox, Start start) {
    auto initiate = [&mailbox](auto handler, Start begin) {
        begin([&mailbox, handler = std::move(handler)](T value) mutable {
            mailbox.push([handler = std::move(handler), value = std::move(value)]() mutable {
                std::move(handler)(std::move(value));
            });
        });
    };
    return boost::asio::async_initiate<const boost::asio::use_awaitable_t<Executor>, void(T)>(
        initiate, kAwait, std::move(start));
}

/// Runs blocking work on the reader pool and gives back its value; what it throws comes out here. A full pool
/// throws Unavailable.
template <class Work>
Awaitable<std::invoke_result_t<Work&>> offload(RequestContext& request, Work work) {
    using T = std::invoke_result_t<Work&>;
    using Outcome = std::expected<T, std::exception_ptr>;
    WorkPool& pool = request.services().readers;
    auto start = [&pool, &work](auto done) {
        auto shared = std::make_shared<decltype(done)>(std::move(done));
        const bool accepted = pool.submit([shared, &work] {
            try {
                (*shared)(Outcome(work()));
            } catch (...) {
                (*shared)(Outcome(std::unexpect, std::current_exception()));
            }
        });
        if (!accepted) {
            (*shared)(
                Outcome(std::unexpect, std::make_exception_ptr(Unavailable("the reader pool is full"))));
        }
    };
    Outcome outcome = co_await await_completion<Outcome>(request.mailbox(), start);
    if (!outcome) std::rethrow_exception(outcome.error());
    co_return std::move(*outcome);
}

}  // namespace headwater::rest
