#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "transport/executor.hpp"

namespace headwater::rest {

/// Coroutines of this folder run on one io_context and know its executor by type, which spares a virtual call
/// per step.
using transport::Executor;
template <class T>
using Awaitable = boost::asio::awaitable<T, Executor>;
inline constexpr boost::asio::use_awaitable_t<Executor> kAwait{};

}  // namespace headwater::rest
