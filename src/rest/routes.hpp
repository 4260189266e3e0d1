#pragma once

#include <expected>
#include <span>
#include <string_view>

#include "core/errors.hpp"
#include "rest/asio.hpp"
#include "rest/response.hpp"
#include "rest/router.hpp"

namespace headwater::rest {

class RequestContext;

/// What a key must allow to use a route.
enum class Scope { none, send, read, ack, register_, monitors, admin };

/// One endpoint. A Refusal becomes a problem (rest/problem.hpp); the core exceptions may be thrown.
using HandlerResult = std::expected<Response, Refusal>;
using Handler = Awaitable<HandlerResult> (*)(RequestContext&);

/// How a route treats bodies.
enum class BodyRule {
    none,    ///< what comes is read and forgotten, up to 64 KiB
    small,   ///< up to 1 MiB
    events,  ///< up to EventLimits::max_body_bytes
};

struct Route {
    Method method;
    std::string_view pattern;
    std::string_view name;  ///< for metrics; shared by the routes of one address
    Scope scope;
    BodyRule body;
    std::string_view
        produces;  ///< the media type of a good answer, for Accept; "" when the handler looks itself
    Handler handler;
};

/// Every endpoint of the public port, in the order of the contract.
[[nodiscard]] std::span<const Route> routes();

}  // namespace headwater::rest
