#pragma once

#include <boost/asio/io_context.hpp>

namespace headwater::transport {

/// An io thread's executor, known by type, which spares a virtual call per step.
using Executor = boost::asio::io_context::executor_type;

}  // namespace headwater::transport
